# mypy: ignore-errors
"""A process that has imported what an app's processes import, and forks one for each that is to be started.

Started by ``sandbox.runner.warm`` as ``python _sandbox_template.py FD``; runs on Python 3.9 and 3.13 with the standard
library only. FD is a socket; each message is JSON, with the new process's standard input, output and error beside it as
file descriptors: ``{"argv": [script, ...], "env": {...}}``, answered by ``{"pid": number}``. The first message is
``{"path": [folder, ...], "packages": [name, ...], "modules": [name, ...]}`` and has no descriptors.

The new process is no child of this one: whoever started this one is its parent (PR_SET_CHILD_SUBREAPER), as if it had
been started from there. It is where an interpreter is that has imported these modules and done nothing else: standard
streams, environment, path, session and ``__main__`` are its own.
"""

import atexit
import gc
import importlib
import json
import os
import socket
import sys
import threading
import time
import traceback
import types

#: Of a message.
MOST = 1 << 20


def main():
    talk = socket.socket(fileno=int(sys.argv[1]))
    path = list(sys.path[1:])
    load(json.loads(talk.recv(MOST)))
    sys.path[:] = path
    gc.collect()
    # What is here stays: nobody looks for garbage in it, and no page of it is copied for that.
    gc.freeze()
    talk.send(b'{"ready": true}')
    while True:
        message, descriptors, _, _ = socket.recv_fds(talk, MOST, 3)
        if not message:
            return None
        asked = json.loads(message)
        if is_the_new_one(talk, descriptors):
            return asked


def load(wanted):
    sys.path[:0] = wanted["path"]
    for name in wanted["packages"]:
        for found in within(name):
            importlib.import_module(found)
    for name in wanted["modules"]:
        importlib.import_module(name)


def within(name):
    """The modules below a package, also in folders that have no ``__init__.py``."""
    (top,) = importlib.import_module(name).__path__
    for folder, _, files in sorted(os.walk(top)):
        inside = [name, *os.path.relpath(folder, top).split(os.sep)]
        for file in sorted(files):
            if file.endswith(".py"):
                yield ".".join([part for part in inside if part != "."] + [file[:-3]])


def is_the_new_one(talk, descriptors):
    """True in the new process; here it was started, and whoever asked knows its number."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        if os.fork():
            os._exit(0)
        os.setsid()
        # Whoever learns the number may signal the session.
        os.write(writing, str(os.getpid()).encode())
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        for descriptor in (*descriptors, reading, writing):
            os.close(descriptor)
        talk.close()
        return True
    # Its parent is gone before anybody learns its number.
    os.waitpid(between, 0)
    os.close(writing)
    number = int(os.read(reading, 20))
    os.close(reading)
    for descriptor in descriptors:
        os.close(descriptor)
    talk.send(json.dumps({"pid": number}).encode())
    return False


def run(asked):
    """As the interpreter runs a script."""
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    os.chdir("/")
    script = asked["argv"][0]
    sys.argv = list(asked["argv"])
    sys.path.insert(0, os.path.dirname(script))
    module = types.ModuleType("__main__")
    module.__file__ = script
    sys.modules["__main__"] = module
    with open(script, "rb") as file:
        exec(compile(file.read(), script, "exec"), module.__dict__)


def end(asked):
    """Run it and end as an interpreter does, but for taking apart every module, which takes longer than most runs."""
    status = 0
    try:
        run(asked)
    except SystemExit as asked_for:
        code = asked_for.code
        status = code if isinstance(code, int) else int(code is not None)
        if status and not isinstance(code, int):
            print(code, file=sys.stderr)
    except BaseException:
        status = 1
        traceback.print_exc()
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status & 0xFF)


if __name__ == "__main__":
    ASKED = main()
    if ASKED is not None:
        end(ASKED)
