#!/usr/bin/env bash
# Writes what a release consists of into dist/: tarball, SHA-256, bill of materials, notes. ./release.sh --help shows the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/find_python.sh
RELEASE_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
exec "$RELEASE_PYTHON" -m tools.release "$@"
