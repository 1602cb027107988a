# Sourced by the commands: sets PYTHON to an interpreter of 3.11 or newer that can make virtual environments.
# PYTHON given by the caller is taken as it is. PYTHON_SERVES is what an interpreter must be able to run, if not that.

: "${PYTHON_SERVES:=import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))}"

python_serves() {
    "$1" -c "$PYTHON_SERVES" >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    python_serves "$PYTHON" || { echo "PYTHON=$PYTHON is not Python 3.11 or newer with venv and ensurepip." >&2; exit 2; }
else
    # HOME may be unset; ~ is the user's folder all the same, wherever the system knows one.
    home=${HOME:-}
    [ -n "$home" ] || home=~
    for candidate in python3 python3.13 python3.12 python3.11 python3.14 python /usr/bin/python3 /usr/local/bin/python3 \
        "$home"/.pyenv/versions/3.1[1-9]*/bin/python3; do
        if python_serves "$candidate"; then PYTHON=$candidate; break; fi
    done
    if [ -z "${PYTHON:-}" ]; then
        echo "No Python 3.11 or newer with venv was found. Install one (Debian, Ubuntu: apt install python3-venv)," >&2
        echo "or name it: PYTHON=/path/to/python3 $0" >&2
        exit 2
    fi
fi
