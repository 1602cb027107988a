"""One file of certificate authorities out of several: the public ones (certifi's) and those that settings add.

``requests`` and botocore take one file. It lies in a folder of the app's, is named by the hash of what is in it, and is
renamed into place when it is whole: processes that make the same one at the same time do each other no harm, and a file
that is in use is never written to. Old ones stay; there is a new one only when an authority changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence

from .errors import ConfigurationError, Unavailable

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
#: A bundle of every authority there is has less.
_MOST = 16_000_000
#: Paths and state of the files that were read -> the file made of them.
_made: dict[tuple[tuple[str, int, int, int], ...], str] = {}


def merged(paths: Sequence[str]) -> str:
    """Path of a file with the public authorities and those of PEM files.

    Raises ConfigurationError for a file that cannot be used, and Unavailable when the merged one cannot be written.
    """
    import certifi

    sources = (certifi.where(), *paths)
    key = tuple(_state(path) for path in sources)
    known = _made.get(key, "")
    if not known or not os.path.isfile(known):
        known = _made[key] = _written(b"\n".join(certificates(path) for path in sources) + b"\n")
    return known


def certificates(path: str) -> bytes:
    """The certificates in a PEM file; whatever else is in it, such as a private key, is left out.

    Raises ConfigurationError.
    """
    try:
        with open(path, "rb") as file:
            found = _CERTIFICATE.findall(file.read(_MOST))
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from error
    if not found:
        raise _unusable(path, "holds no certificate in PEM form")
    return b"\n".join(found)


def _state(path: str) -> tuple[str, int, int, int]:
    try:
        state = os.stat(path)
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from error
    return path, state.st_mtime_ns, state.st_size, state.st_ino


def _unusable(path: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The CA bundle '{path}' {why}.", "It must be a PEM file on every search head, which Splunk's user can read."
    )


def _folder() -> str:
    home = os.environ.get("SPLUNK_HOME", "")
    if not home:
        raise Unavailable("SPLUNK_HOME is not set.", "Have splunkd start the app.")
    return os.path.join(home, "var", "run", "splunk", "cloudtrail_responder_ca")


def _written(content: bytes) -> str:
    folder = _folder()
    path = os.path.join(folder, f"{hashlib.sha256(content).hexdigest()[:40]}.pem")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not _holds(path, content):
            handle, partial = tempfile.mkstemp(prefix=".partial-", dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
    except OSError as error:
        raise Unavailable(
            f"The certificate authorities cannot be written to {folder} ({error.strerror}).", "Check the disk."
        ) from error
    return path


def _holds(path: str, content: bytes) -> bool:
    """Whether a file is there and is what its name says: a disk may have been full, or somebody may have edited it."""
    try:
        with open(path, "rb") as file:
            return file.read(len(content) + 1) == content
    except FileNotFoundError:
        return False
