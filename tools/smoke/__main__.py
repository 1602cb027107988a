"""Does CloudTrail Responder work on this Splunk? Run from the project's folder, with any Python from 3.9 on:

    python3 -m tools.smoke --uri https://splunk.example.com:8089 --user admin --ca ca.pem --index test

Asks for the password, or takes it from SPLUNK_PASSWORD, or a token from SPLUNK_TOKEN. Makes a few users, documents and
one event, and removes them again; the event stays in the index that you name. Nothing outside Splunk is asked or told,
except by the health check, which tests the accounts of the setup page as saving them does. Exit code 1 when something
failed.
"""

from __future__ import annotations

import argparse
import getpass
import os
import ssl
import sys
import warnings
from collections.abc import Iterator, Sequence

from .actions import respond, sendalert
from .client import Refused, Splunk, tls
from .health import health
from .installed import app, kv_store, searches
from .outcomes import FAILED, SKIPPED, Outcome, table
from .planted import event
from .rights import executor
from .semantics import claims, key_field
from .site import Part, Site, tried

PARTS: Sequence[tuple[str, Part]] = (
    ("app", app),
    ("saved searches", searches),
    ("KV store", kv_store),
    ("SPL", claims),
    ("SPL: outputlookup", key_field),
    ("rights", executor),
    ("sendalert", sendalert),
    ("respond", respond),
    ("planted event", event),
    ("health", health),
)


def run(site: Site) -> Iterator[Outcome]:
    """Every part, one after the other; what was made is removed also when somebody interrupts."""
    try:
        for what, part in PARTS:
            yield from tried(what, part, site)
    finally:
        left = list(site.clean_up())
    yield from left


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    try:
        site = Site(_admin(arguments), arguments.index, arguments.wait)
    except (Refused, ValueError, OSError) as error:
        print(f"Cannot begin: {_why(error)}", file=sys.stderr)
        return 2
    outcomes = []
    for outcome in run(site):
        outcomes.append(outcome)
        print(f"  {outcome.result:<8} {outcome.what}", file=sys.stderr, flush=True)
    print(table(outcomes))
    bad = sum(outcome.result == FAILED for outcome in outcomes)
    left_out = sum(outcome.result == SKIPPED for outcome in outcomes)
    print(f"\n{bad or 'Nothing'} failed, {left_out or 'nothing'} was skipped.")
    return 1 if bad else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    assert __doc__
    parser = argparse.ArgumentParser(
        prog="python3 -m tools.smoke", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--uri", default="https://localhost:8089", help="splunkd's management port (%(default)s)")
    parser.add_argument("--user", default="admin", help="an administrator (%(default)s)")
    parser.add_argument("--ca", help="PEM file of the authority that issued splunkd's certificate")
    parser.add_argument(
        "--any-name",
        action="store_true",
        help="do not compare the certificate's name: the one that Splunk makes for itself names no host",
    )
    parser.add_argument("--index", default="", help="index to plant an event in; cloudtrail_index must cover it")
    parser.add_argument("--wait", type=float, default=90.0, help="seconds for an event to be searchable (%(default)s)")
    return parser.parse_args(argv)


def _admin(arguments: argparse.Namespace) -> Splunk:
    """A session of the administrator. Never a password among the arguments: everybody on the machine can read those."""
    secure = arguments.uri.startswith("https:")
    splunk = Splunk(arguments.uri, tls(arguments.ca, arguments.any_name) if secure else None)
    token = os.environ.get("SPLUNK_TOKEN")
    if token:
        return Splunk(splunk.uri, splunk.context, f"Bearer {token}", arguments.user)
    return splunk.login(arguments.user, os.environ.get("SPLUNK_PASSWORD") or _asked(arguments.user))


def _asked(user: str) -> str:
    """Raises ValueError where there is no terminal, so that no password is echoed."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"Password of {user}: ")
        except (EOFError, getpass.GetPassWarning):
            raise ValueError("Nobody can be asked for the password. Set SPLUNK_PASSWORD or SPLUNK_TOKEN.") from None


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"splunkd's certificate is not trusted ({error.verify_message}). Name its authority with --ca; for the "
            "certificate that Splunk makes for itself that is $SPLUNK_HOME/etc/auth/cacert.pem, with --any-name."
        )
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
