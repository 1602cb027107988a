"""A search head cluster with the built app on the sandbox, and proxies before everything that the app talks to."""

from __future__ import annotations

import itertools
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from sandbox.runner import interpreters
from sandbox.runner.alerts import ActionRun, AlertActions, Search
from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host, Row
from sandbox.runner.inputs import InputRun, Instance, ModularInputs
from sandbox.splunkd import Splunkd
from sandbox.world import ANALYST, APP, Key, World
from tests.chaos.injection import Injector
from tests.chaos.plan import Plan
from tests.chaos.processes import Process, Processes
from tests.chaos.proxies import ChaosProxy, Gate
from tests.chaos.scenario import Clients
from tests.chaos.timeline import Timeline

WORKER = "responder_worker"
#: The setting (stanza ``developer``) and its value: seconds until the app looks up an effect whose outcome it does not
#: know. No effect in the sandbox comes later than this after its request, and Jira's search shows it sooner.
UNKNOWN_OUTCOME_SETTING, UNKNOWN_OUTCOME_SECONDS = "unknown_outcome_seconds", 1.0
JIRA_INDEX_LAG = 0.3
#: More changes than any run makes: what is tested here is not the limit.
NO_LIMIT = "1000"


class MemberSplunkd(Splunkd):
    """The splunkd of a member, which the app reaches by a proxy only."""

    proxy: ChaosProxy | None = None

    @property
    def uri(self) -> str:
        return self.proxy.url if self.proxy else super().uri


class MemberHost(Host):
    """Starts processes, each with the clock of the member or a wrong one of its own."""

    member_skew = 0.0
    process_skews: Iterator[float] = itertools.repeat(0.0)

    @property
    def server_name(self) -> str:
        return str(getattr(self.splunkd, "name", "sandbox"))

    def environment(self) -> dict[str, str]:
        self.clock_skew = self.member_skew + next(self.process_skews)
        return super().environment()


class Member:
    """One search head: its splunkd, its copy of the KV store, its clock, its Python and the processes it starts."""

    def __init__(self, number: int, world: World, python: str) -> None:
        self.name = f"sh{number}"
        self.splunkd = MemberSplunkd(_home(world.home, self.name))
        self.splunkd.name = self.name
        self.splunkd.guid = str(uuid.uuid5(uuid.NAMESPACE_DNS, self.name)).upper()
        self.host = MemberHost(self.splunkd, python)
        self.handlers = self.splunkd.handlers = AppHandlers(self.host)
        self.alerts = AlertActions(self.host)
        self.inputs = ModularInputs(self.host)
        #: For people: which member, which Python.
        self.label = f"{self.name}/{python}"
        #: Held while the worker runs: splunkd starts no second one.
        self.working = threading.Lock()

    def start(self, proxy: ChaosProxy) -> None:
        self.splunkd.start()
        proxy.upstream = f"http://127.0.0.1:{self.splunkd.port}"
        proxy.start()
        self.splunkd.proxy = proxy

    @property
    def proxy(self) -> ChaosProxy:
        assert self.splunkd.proxy is not None, "the member is not started"
        return self.splunkd.proxy

    def stop(self) -> None:
        self.handlers.stop()
        self.proxy.stop()
        self.splunkd.stop()


class Cluster:
    """Members over one KV store. ``world.splunkd`` stands beside them: the administrator's way in, without faults."""

    def __init__(self, home: Path, tarball: Path, members: int = 3, lease: float = 4.0, jira: str = "cloud") -> None:
        versions = interpreters.available()
        self.world = World(home / "captain", tarball, versions[-1], jira=jira)
        self.lease = lease
        self.timeline = Timeline()
        self.gate = Gate()
        self.processes = Processes(self.timeline, self._executors)
        self.members: list[Member] = []
        self._versions = [versions[number % len(versions)] for number in range(members)]
        self._stack = ExitStack()
        self._proxies: dict[str, ChaosProxy] = {}

    def __enter__(self) -> Cluster:
        with ExitStack() as stack:
            stack.enter_context(self.world)
            self.clients = Clients(self.world.aws)
            self.world.jira.index_lag = JIRA_INDEX_LAG
            for service, upstream in (("jira", self.world.jira), ("slack", self.world.slack), ("aws", self.world.aws)):
                proxy = self._proxies[service] = self._proxy(service, upstream.url)
                stack.enter_context(proxy)
            self._configure()
            for number, version in enumerate(self._versions):
                member = Member(number, self.world, version)
                member.start(self._proxy("splunkd", ""))
                stack.callback(member.stop)
                self.members.append(member)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        # Nobody else ends what was stopped, or is in the middle of something.
        self.processes.kill_all()
        self._stack.close()

    def _proxy(self, service: str, upstream: str) -> ChaosProxy:
        return ChaosProxy(service, upstream, self.timeline, self.processes, self.gate)

    def _configure(self) -> None:
        """Save the setup page's forms, each tested as it is saved; then lead everything through the proxies."""
        user = self.clients.user("cloudtrail-responder")
        self.world.configure(Key(user.keys["A"], "secret"), mode="enforce")
        self.world.developer(
            aws_endpoint_url=self._proxies["aws"].url,
            slack_api_url=self._proxies["slack"].url + "/api/",
            lease_seconds=f"{self.lease:g}",
            **{UNKNOWN_OUTCOME_SETTING: f"{UNKNOWN_OUTCOME_SECONDS:g}"},
        )
        jira = {**self.world.jira_form(), "url": self._proxies["jira"].url}
        self.world.rest("POST", f"{APP}_jira_site/jira", data=jira).raise_for_status()
        limits = {"max_changes_per_run": NO_LIMIT, "max_changes_per_hour": NO_LIMIT}
        limits["max_changes_per_account_and_playbook"] = NO_LIMIT
        self.world.rest("POST", f"configs/conf-{APP}_settings/safety", data=limits).raise_for_status()

    def _executors(self) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        for member in self.members:
            for process in member.handlers.processes():
                yield member.label, process.popen

    # -- a round ------------------------------------------------------------------------------------------------------

    def prepare(self, plan: Plan, injector: Injector) -> None:
        """Set the clocks and reads of the members, and what requests meet."""
        skews = itertools.cycle(plan.process_skews)
        for member, skew, lag in zip(self.members, plan.skews, plan.lags):
            member.splunkd.clock_skew = member.host.member_skew = skew
            member.host.process_skews = skews
            member.splunkd.kv.copy.lag(lag)
            member.proxy.injector = injector
        for proxy in self._proxies.values():
            proxy.injector = injector

    def calm(self) -> None:
        """Reads are up to date again, and processes that start from now on have the clock of their member."""
        for member in self.members:
            member.host.process_skews = itertools.repeat(0.0)
            member.splunkd.kv.copy.lag(0)

    def run_alert(self, member: int, action: str, mode: str, sid: str, rows: list[Row]) -> ActionRun:
        """One run of an alert's action on a member."""
        on = self.members[member]
        name = f"{action} {mode}".strip()
        started: list[Process] = []
        (run,) = on.alerts.run(
            f"responder_{action}",
            Search(name=f"Chaos {name}", app=APP, owner=ANALYST, sid=sid, rows=rows),
            {"mode": mode} if mode else {},
            on_start=lambda popen: started.append(self.processes.add(popen, f"{name} {on.label}")),
        )
        self._ended(started, run.exit_code, run.stderr or run.error)
        return run

    def run_worker(self, member: int) -> InputRun | None:
        """One interval of a member's worker input; nothing while the one before still runs."""
        on = self.members[member]
        if not on.working.acquire(blocking=False):
            return None
        try:
            started: list[Process] = []
            run = on.inputs.run_once(
                self._worker(on), on_start=lambda popen: started.append(self.processes.add(popen, f"worker {on.label}"))
            )
            self._ended(started, run.exit_code, run.stderr)
            return run
        finally:
            on.working.release()

    def _ended(self, started: list[Process], exit_code: int, stderr: str) -> None:
        lines = " | ".join(filter(None, stderr.splitlines()))
        for process in started:
            self.timeline.event(f"{process.name} ends with exit code {exit_code}: {lines[:200]}", process.name)

    def _worker(self, member: Member) -> Instance:
        (instance,) = [one for one in member.inputs.instances() if one.scheme == WORKER]
        return instance


def _home(captain: Path, name: str) -> Path:
    """A member's own $SPLUNK_HOME, with the apps, settings and stores of all."""
    home = captain.parent / name
    (home / "var").mkdir(parents=True)
    (home / "etc").symlink_to(captain / "etc")
    (home / "var" / "lib").symlink_to(captain / "var" / "lib")
    return home
