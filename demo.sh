#!/usr/bin/env bash
# Plays the whole loop on the sandbox, all set-up included. ./demo.sh --help shows the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/find_python.sh
SANDBOX_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
exec "$SANDBOX_PYTHON" -m sandbox demo "$@"
