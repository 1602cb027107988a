"""Options of splunkd that several commands have, and the checks that turn bad input into one line."""

from __future__ import annotations

import argparse
import errno
import socket
from pathlib import Path


class BadOption(ValueError):
    """What was given cannot be used; the message is the line for the person who gave it."""


def add_splunkd_options(parser: argparse.ArgumentParser, port: int, tls: str) -> None:
    """``--port``, ``--tls`` and ``--platform-libs``; ``port`` is the default, ``tls`` says who serves TLS."""
    shown = f"{port}" if port else "a free one"
    parser.add_argument(
        "--port", type=port_number, default=port, help=f"splunkd's management port; 0 for a free one (default: {shown})"
    )
    parser.add_argument("--tls", action="store_true", help=f"{tls} with a CA that the sandbox makes")
    parser.add_argument(
        "--platform-libs",
        type=Path,
        metavar="DIR",
        help="Python packages that Splunk would bring, behind the apps' own on their path (default: none)",
    )


def port_number(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number from 0 to 65535")
    return int(text)


def check_port(option: str, port: int) -> None:
    """Raises BadOption when nobody can listen on ``port``: asked before minutes of work, not after them."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise BadOption(f"{option} {port} {why}; choose another, or 0 for a free one.") from error


def platform_libs(given: Path | None) -> Path | None:
    """``--platform-libs`` as an absolute path. Raises BadOption."""
    if given is not None and not given.is_dir():
        raise BadOption(f"--platform-libs {given} {'is not a folder' if given.exists() else 'does not exist'}.")
    return given.absolute() if given else None


def check_apps(option: str, paths: list[Path]) -> None:
    """Raises BadOption for an app that is not there."""
    for path in paths:
        if not path.exists():
            raise BadOption(f"{option} {path} does not exist.")


def home(given: Path | None, kept: bool = False) -> Path | None:
    """``--home`` as an absolute path, for what splunkd starts. ``kept``: it must be there already. Raises BadOption."""
    if given is None:
        return None
    if given.exists() and not given.is_dir():
        raise BadOption(f"--home {given} is not a folder.")
    if kept and not given.exists():
        raise BadOption(f"--home {given} does not exist; `.venv/bin/python -m sandbox up --home {given}` makes it.")
    return given.absolute()
