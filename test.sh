#!/usr/bin/env bash
# Runs the tests, all set-up included. Arguments go to pytest: ./test.sh tests/build -k tarball
# ./test.sh slow runs those that are slow by nature (marker "slow"), which the ordinary run leaves out.
# ./test.sh chaos --minutes 2 --seed 1 runs the chaos harness instead (tests/chaos/README.md); --help shows its options.
# Tests that a machine cannot run (no Python 3.9 or 3.13, ...) are skipped, and the summary says why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/find_python.sh
TEST_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
./build.sh
case ${1:-} in
    chaos) shift; exec "$TEST_PYTHON" -m tests.chaos "$@" ;;
    slow) shift; set -- -m slow "$@" ;;
esac
# Many tests wait for processes that they start: four workers keep two cores busy.
CORES=$("$TEST_PYTHON" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
exec "$TEST_PYTHON" -m pytest -n $((CORES * 2)) --dist worksteal -rsfE --durations=5 "$@"
