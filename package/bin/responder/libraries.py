"""Whether the libraries that this process has loaded are the app's own, in its ``lib`` folder.

Endpoints of several apps may share a process (restmap.conf, ``driver``): whoever loads ``requests`` first gives it to
all of them. Ours have a process to themselves by a setting of their own there; that it is so is checked, because ours
over somebody else's ``urllib3`` would fail in ways that nobody can foresee.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator

from .errors import Unavailable

LIB = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "lib"))


class ForeignLibrary(Unavailable):
    """Nothing is done in this process. What is to be done waits: another process may do it."""


def first_on_path() -> None:
    """Have the app's own libraries found before any others. Call it before any of them is imported.

    What Splunk's own Python has loaded for itself by then it keeps; here it is loaded anew, from ``lib``.
    """
    if LIB in sys.path:
        sys.path.remove(LIB)
    sys.path.insert(0, LIB)
    for name, path in list(_loaded_from_elsewhere()):
        if not _app_of(path):
            for module in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
                del sys.modules[module]


def require_our_own() -> None:
    """Raises ForeignLibrary. Cheap: to be asked whenever something is to be done."""
    for name, path in _loaded_from_elsewhere():
        app = _app_of(path)
        raise ForeignLibrary(
            f"This process has loaded the library {name} from {path}, and not the app's own.",
            f"Restart Splunk; if it is said again, disable the app '{app}' or tell its maker."
            if app
            else "Take that folder out of PYTHONPATH, then restart Splunk.",
        )


def _loaded_from_elsewhere() -> Iterator[tuple[str, str]]:
    """Name and file of each bundled library that was loaded from another place."""
    for name in _bundled():
        path = _file(sys.modules.get(name))
        if path and not path.startswith(LIB + os.sep):
            yield name, path


@functools.lru_cache(maxsize=1)
def _bundled() -> tuple[str, ...]:
    try:
        found = sorted(os.listdir(LIB))
    except OSError:
        return ()
    names = [name[:-3] if name.endswith(".py") else name for name in found]
    return tuple(name for name in names if name.isidentifier())


def _file(module: object) -> str:
    """Where a module comes from; empty where nobody can say."""
    path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")
    return _real(path) if path else ""


_real = functools.lru_cache(maxsize=256)(os.path.realpath)


def _app_of(path: str) -> str:
    """The app whose folder a file is in, empty for a file of no app."""
    parts = path.split(os.sep)
    places = [at for at, part in enumerate(parts[:-1]) if part == "apps" and at and parts[at - 1] == "etc"]
    return parts[places[-1] + 1] if places else ""
