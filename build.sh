#!/usr/bin/env bash
# Builds dist/cloudtrail_responder-<version>.tar.gz; --inspect also runs Splunk AppInspect on it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/find_python.sh
exec "$PYTHON" -m tools.build "$@"
