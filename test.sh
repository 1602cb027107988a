#!/usr/bin/env bash
# Runs the ordinary tests, all set-up included. Arguments go to pytest: ./test.sh tests/build -k tarball
# ./test.sh extended runs those of which the ordinary run has only some of each kind (marker "extended").
# ./test.sh all runs both in one go, as .ci/run does: what a change has to pass.
# ./test.sh slow runs those that are slow by nature (marker "slow"), which neither of them has.
# ./test.sh chaos --minutes 2 --seed 1 runs the chaos harness instead (tests/chaos/README.md); --help shows its options.
# Tests that a machine cannot run (no Python 3.9 or 3.13, ...) are skipped, and the summary says why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# Help is these lines, at once: nobody should wait for an environment to see it.
case ${1:-} in
    -h | --help) sed -n '2,7s/^# //p' test.sh; exit ;;
esac
source tools/find_python.sh
# What is compiled is kept, whatever the shell says: each of the workers, and each process that they start, reads it again.
unset PYTHONDONTWRITEBYTECODE
TEST_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
# Thousands of small files that live for a second: in memory, where it has room for them.
TMPDIR=$("$TEST_PYTHON" -m tools.memory_folder)
export TMPDIR
# In a fresh checkout the tests are compiled by one process, while the app is built, and not by every worker.
if [ ! -d tests/__pycache__ ]; then "$TEST_PYTHON" -m pytest --collect-only -q tests >/dev/null 2>&1 & fi
./build.sh
wait
TIER=()
case ${1:-} in
    chaos) shift; exec "$TEST_PYTHON" -m tests.chaos "$@" ;;
    extended) shift; TIER=(-m "extended and not slow") ;;
    all) shift; TIER=(-m "not slow") ;;
    slow) shift; set -- -m slow "$@" ;;
esac
# In a whole run, the few that fail beside others are run once more alone (tests/run_alone.py says why).
if [ "$#" = 0 ]; then TIER+=(-p tests.run_alone); fi
# Many tests wait for processes that they start: four workers keep two cores busy.
CORES=$("$TEST_PYTHON" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
exec "$TEST_PYTHON" -m pytest -n $((CORES * 2)) --dist worksteal -rsfE --durations=5 ${TIER[@]+"${TIER[@]}"} "$@"
