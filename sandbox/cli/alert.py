"""Run an alert action of any app once, as splunkd would, and print the result."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

from sandbox.cli import _options
from sandbox.our_app import BuildFailed, build_app
from sandbox.runner import interpreters
from sandbox.runner.alerts import ActionRun, Search
from sandbox.runner.results import read_csv
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd
from sandbox.splunkd.errors import ApiError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="[APP/]ACTION", help="stanza of alert_actions.conf, e.g. responder_remediate")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the action")
    parser.add_argument("--results", type=Path, metavar="FILE", help="results as CSV, also gzipped (default: none)")
    parser.add_argument(
        "--app",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="an app to install, tarball or folder (default: this project's app)",
    )
    parser.add_argument("--owner", default="admin", help="owner of the alert; created if missing (default: admin)")
    parser.add_argument("--role", action="append", default=[], help="role of a created owner (default: user)")
    parser.add_argument("--python", choices=interpreters.VERSIONS, help="the emulated Splunk's Python version")
    parser.add_argument("--payload", choices=("json", "xml"), help="payload format (default: alert_actions.conf's)")
    parser.add_argument("--per-result", action="store_true", help="one process for each result")
    parser.add_argument("--name", default="Sandbox alert", help="name of the search that triggered")
    parser.add_argument("--home", type=Path, metavar="DIR", help="a home kept by `up --home DIR`, with its set-up")
    _options.add_splunkd_options(parser, port=0, tls="splunkd serves TLS,")


def run(args: argparse.Namespace) -> int:
    try:
        parameters = dict(_pair(text) for text in args.param)
        fields, rows = read_csv(args.results) if args.results else ([], [])
        version = args.python or _newest()
        interpreters.find(version)
        libs = _check(args)
    except (OSError, ValueError, LookupError) as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 2
    overrides = {"payload_format": args.payload} if args.payload else {}
    app, _, action = args.action.rpartition("/")
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-")))
        try:
            splunkd = stack.enter_context(Splunkd(args.home or scratch / "splunk", args.port, args.tls))
            runner = stack.enter_context(Runner(splunkd, version, platform_libs=libs))
            apps = args.app or ([] if args.home else [build_app(scratch)])
            installed = [splunkd.install_app(path) for path in apps]
        except (OSError, ApiError, BuildFailed) as error:
            print(f"ERROR {error}", file=sys.stderr)
            return 2
        if args.owner != splunkd.admin[0]:
            splunkd.access.add_user(args.owner, "", args.role or ["user"])
        context = app or _owner_of(splunkd, action) or (installed or ["search"])[-1]
        search = Search(args.name, context, args.owner, rows=rows, fields=fields)
        runs = runner.alerts.run(action, search, parameters, digest=not args.per_result, overrides=overrides)
    for number, done in enumerate(runs):
        _print_run(done, f" for result {number}" if args.per_result else "")
    return max((_code(done) for done in runs), default=0)


def _check(args: argparse.Namespace) -> Path | None:
    """The folder of ``--platform-libs``, if any. Raises BadOption for bad input, before anything is built."""
    _options.check_apps("--app", args.app)
    args.home = _options.home(args.home, kept=True)
    _options.check_port("--port", args.port)
    return _options.platform_libs(args.platform_libs)


def _print_run(done: ActionRun, which: str) -> None:
    if done.error:
        print(f"{done.action}{which}: not started: {done.error}")
        return
    ended = f"ended by signal {-done.exit_code}" if done.exit_code < 0 else f"exit code {done.exit_code}"
    if done.killed:
        ended += " (after its maxtime)"
    print(f"{done.action}{which}: {ended} after {done.wall_seconds:.3f} s")
    for title, text in (("standard output", done.stdout), ("standard error", done.stderr)):
        if text.strip():
            print(f"{title}:")
            print("\n".join(f"  {line}" for line in text.rstrip().splitlines()))


def _code(done: ActionRun) -> int:
    """0 for success, the script's own code, 128 + n for signal n, 1 when it could not be started."""
    if done.error:
        return 1
    return done.exit_code if done.exit_code >= 0 else 128 - done.exit_code


def _owner_of(splunkd: Splunkd, action: str) -> str:
    """The app that brings the action, and so surely sees it."""
    found = splunkd.confs.get("alert_actions", None, action)
    return found.app if found else ""


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise ValueError(f"--param {text}: give NAME=VALUE")
    return name, value


def _newest() -> str:
    versions = interpreters.available()
    if not versions:
        interpreters.find(interpreters.VERSIONS[-1])
    return versions[-1]
