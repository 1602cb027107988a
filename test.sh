#!/usr/bin/env bash
# Runs every test, all set-up included. Arguments go to pytest: ./test.sh tests/build -k tarball
# Tests that a machine cannot run (no Python 3.9 or 3.13, ...) are skipped, and the summary says why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/find_python.sh
TEST_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
./build.sh
exec "$TEST_PYTHON" -m pytest -n auto --dist worksteal -rsfE --durations=5 "$@"
