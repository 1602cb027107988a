#!/usr/bin/env bash
# Plays the whole loop on the sandbox, all set-up included. ./demo.sh --help shows the options.
# ./demo.sh provision makes CloudTrail's way to Splunk (trail, bucket, topic, queues) on the sandbox's AWS, and removes it.
# ./demo.sh workshop plays the workshop: from the first log file to the ticket, the remediation and its undo, step by step.
# ./demo.sh up starts the sandbox with the app in it, until Ctrl-C; ./demo.sh alert ACTION runs an alert action there.
# ./demo.sh detect PATH... runs all detections over your own CloudTrail files instead, before anything is installed.
set -euo pipefail
CALLED_FROM=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
COMMAND=(sandbox demo)
NEEDS_ENVIRONMENT=
case "${1:-}" in
  detect)
    shift
    COMMAND=(workbench detect --report --relative-to "$CALLED_FROM")
    ;;
  provision | workshop)
    COMMAND=(sandbox "$1")
    shift
    ;;
  up | alert)
    # Their options are those of the sandbox itself, which only its own environment can read.
    COMMAND=(sandbox "$1") NEEDS_ENVIRONMENT=1
    shift
    ;;
esac
# Any Python can show help and read the arguments: nobody should wait for an environment to see that one is mistyped.
any_python() (
  PYTHON_SERVES='import sys; sys.exit(sys.version_info < (3, 9))'
  source tools/find_python.sh
  exec "$PYTHON" -B -m "$@"
)
if [ -z "$NEEDS_ENVIRONMENT" ]; then
  for argument in "$@"; do
    case "$argument" in
      -h | --h*)
        any_python "${COMMAND[@]}" --help
        exit
        ;;
    esac
  done
  any_python "${COMMAND[0]}" --parse-only "${COMMAND[@]:1}" "$@"
fi
source tools/find_python.sh
SANDBOX_PYTHON=$("$PYTHON" -m tools.venv .venv requirements/dev.txt)
exec "$SANDBOX_PYTHON" -m "${COMMAND[@]}" "$@"
