"""Start everything: splunkd with our app and any others, its web pages, the services outside; Ctrl-C stops it."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from sandbox.aws import estate
from sandbox.cli import _options
from sandbox.our_app import BuildFailed, build_app
from sandbox.runner import interpreters
from sandbox.runner.web import Web
from sandbox.splunkd.errors import ApiError
from sandbox.teams import TeamsStandIn
from sandbox.webhook import WebhookStandIn
from sandbox.world import ANALYST, ANALYST_PASSWORD, APP, Key, SetupRefused, World


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--app",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="another app, tarball or folder, to install beside ours; may be given again",
    )
    parser.add_argument("--tarball", type=Path, metavar="FILE", help="our app (default: what ./build.sh makes)")
    parser.add_argument("--python", choices=interpreters.VERSIONS, help="the emulated Splunk's Python version")
    parser.add_argument("--home", type=Path, metavar="DIR", help="keep splunkd's state in DIR (default: delete it)")
    _options.add_splunkd_options(parser, port=8089, tls="splunkd, Jira and Slack serve TLS,")
    parser.add_argument(
        "--web-port", type=_options.port_number, default=8000, help="port of the web pages; 0 for a free one (8000)"
    )
    parser.add_argument("--jira", choices=("cloud", "datacenter"), default="cloud", help="the Jira to emulate (cloud)")
    parser.add_argument("--mode", choices=("simulate", "enforce"), default="simulate", help="the app's default mode")
    parser.add_argument("--unconfigured", action="store_true", help="leave the app's setup page to you")


def run(args: argparse.Namespace) -> int:
    """Serve until a signal comes. 2 when it cannot be started."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with contextlib.ExitStack() as stack:
        try:
            world, web, installed = _start(args, stack)
            teams, receiver = stack.enter_context(TeamsStandIn()), stack.enter_context(WebhookStandIn())
            if not args.unconfigured:
                _add_notifiers(world, teams, receiver)
        except (OSError, ValueError, LookupError, ApiError, BuildFailed, SetupRefused) as error:
            print(f"ERROR {error}", file=sys.stderr)
            return 2
        print(f"Teams       {teams.webhook_url}")
        print(f"Webhook     {receiver.webhook_url}   {receiver.secrets[0]}")
        _announce(world, web, installed, args)
        stop.wait()
        print("Stopping ...", flush=True)
    return 0


def _start(args: argparse.Namespace, stack: contextlib.ExitStack) -> tuple[World, Web, list[str]]:
    version = args.python or (interpreters.available() or [interpreters.VERSIONS[-1]])[-1]
    interpreters.find(version)
    libs = _check(args)
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-")))
    tarball = args.tarball or build_app(scratch)
    home = args.home or scratch / "splunk"
    world = World(home, tarball, version, args.jira, tls=args.tls, port=args.port, platform_libs=libs)
    stack.callback(world.stop)
    world.start()
    web = stack.enter_context(Web(world.runner.host, args.web_port))
    installed = [world.splunkd.install_app(path) for path in args.app]
    if not args.unconfigured:
        _configure(world, args.mode)
    world.runner.start()
    return world, web, installed


def _check(args: argparse.Namespace) -> Path | None:
    """The folder of ``--platform-libs``, if any. Raises BadOption for bad input, before the app is built."""
    _options.check_apps("--app", args.app)
    _options.check_apps("--tarball", [args.tarball] if args.tarball else [])
    args.home = _options.home(args.home)
    _options.check_port("--port", args.port)
    _options.check_port("--web-port", args.web_port)
    if args.port and args.port == args.web_port:
        raise _options.BadOption(f"--port and --web-port are both {args.port}; give each its own.")
    return _options.platform_libs(args.platform_libs)


def _configure(world: World, mode: str) -> None:
    """The AWS estate, and the app's setup page filled in with it. A kept home has old entries: they are replaced."""
    built = estate.build(world.aws)
    for table, name in (("aws_account", "production"), ("jira_site", "jira"), ("slack_workspace", "slack")):
        world.rest("DELETE", f"{APP}_{table}/{name}")
    world.configure(Key(built.responder_key.access_key_id, built.responder_key.secret_access_key), mode)


def _add_notifiers(world: World, teams: TeamsStandIn, receiver: WebhookStandIn) -> None:
    signed = {"webhook_url": receiver.webhook_url, "signing_secret": receiver.secrets[0]}
    for name, form in (
        ("teams", {"type": "teams", "webhook_url": teams.webhook_url}),
        ("webhook", {"type": "webhook", **signed}),
    ):
        world.rest("DELETE", f"{APP}_notifier/{name}")
        world.save("notifier", name, form)


def _announce(world: World, web: Web, installed: list[str], args: argparse.Namespace) -> None:
    splunkd, jira = world.splunkd, world.jira.credentials
    secret = f"{jira.email} / {jira.api_token}" if args.jira == "cloud" else jira.personal_access_token
    key = world.aws.client("iam").meta.endpoint_url
    lines: list[tuple[str, Any]] = [
        ("Setup page", f"{web.url}/en-US/app/{APP}/configuration"),
        ("Splunk Web", f"{web.url}/en-US/   {splunkd.admin[0]} / {splunkd.admin[1]}"),
        ("splunkd", f"{splunkd.uri}   the same, or {ANALYST} / {ANALYST_PASSWORD} (role {APP})"),
        ("Jira", f"{world.jira.url}   {secret}"),
        ("Slack", f"{world.slack.url}   API {world.slack.api_url}, {world.slack.credentials.bot_token}"),
        ("AWS (moto)", f"{key}   any access key"),
        ("CA file", f"{world.ca_file or 'none: nothing serves TLS'}"),
        ("Python", world.runner.host.python),
        ("State", f"{splunkd.home}" + ("" if args.home else "   (removed at the end)")),
        ("Other apps", ", ".join(installed) or "none"),
    ]
    print("\n".join(f"{name:<11} {text}" for name, text in lines))
    print("Searches run by the clock and inputs at their intervals. Ctrl-C stops.", flush=True)
