#!/usr/bin/env bash
# Plays the whole loop on the sandbox, all set-up included. ./demo.sh --help shows the options.
# ./demo.sh detect PATH... runs all detections over your own CloudTrail files instead, before anything is installed.
set -euo pipefail
CALLED_FROM=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/find_python.sh
SANDBOX_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
if [ "${1:-}" = detect ]; then
  shift
  exec "$SANDBOX_PYTHON" -m workbench detect --report --relative-to "$CALLED_FROM" "$@"
fi
exec "$SANDBOX_PYTHON" -m sandbox demo "$@"
