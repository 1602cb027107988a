"""A splunkd that serves TLS in one of the shapes that administrators give it, with the built app installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.loopback import Exchange, Reply
from sandbox.runner.alerts import ActionRun, Search
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd
from sandbox.splunkd.certificates import Authority
from sandbox.splunkd.kvstore import Collection
from sandbox.splunkd.tls import serving
from sandbox.standin import StandIn

APP = "cloudtrail_responder"
ROW = {"signature_id": "some_detection", "severity": "low"}


@dataclass
class Home:
    """A ``$SPLUNK_HOME`` that is being prepared."""

    folder: Path

    def server_conf(self, where: str, **settings: str) -> None:
        """``where``: a folder below etc, such as ``apps/company_tls/local``."""
        path = self.folder / "etc" / where / "server.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{name} = {value}" for name, value in settings.items()]
        path.write_text("[sslConfig]\nsslPassword = the-keys-password\n" + "\n".join(lines) + "\n", encoding="utf-8")

    def default_certificates(self) -> Authority:
        """As Splunk brings them: the certificate names no host."""
        authority = Authority.made("SplunkCommonCA")
        authority.write(self.folder / "etc/auth/cacert.pem")
        authority.issue(self.folder / "etc/auth/server.pem", names=(), common_name="SplunkServerDefaultCert")
        return authority


class Impostor(StandIn):
    """Something else that listens on loopback, with a certificate of its own; ``requests`` is what it was told."""

    name = "impostor"

    def __init__(self, certificate: Path) -> None:
        super().__init__(tls=serving(certificate))

    def routes(self) -> list[Any]:
        return []

    def answer(self, exchange: Exchange) -> Reply:
        return Reply(200, b"{}")


class Misled(Splunkd):
    """A splunkd whose address may be another's."""

    impostor = ""

    def start(self) -> Misled:
        super().start()
        return self

    def __enter__(self) -> Misled:
        return self.start()

    @property
    def uri(self) -> str:
        return self.impostor or super().uri


class Installation:
    """The app as an alert starts it."""

    def __init__(self, splunkd: Misled, runner: Runner) -> None:
        self.splunkd = splunkd
        self.runner = runner
        self._alerts = 0

    @classmethod
    @contextmanager
    def running(cls, home: Path, app: Path, version: str) -> Iterator[Installation]:
        with Misled(home, tls=True) as splunkd:
            splunkd.install_app(app)
            splunkd.access.add_user("analyst", "analyst-password", [APP])
            with Runner(splunkd, version) as runner:
                yield cls(splunkd, runner)

    def fire(self) -> ActionRun:
        """One alert with one result of its own."""
        self._alerts += 1
        row = {**ROW, "dedup_key": f"some_detection|{self._alerts}"}
        search = Search(name="Test alert", app=APP, owner="analyst", rows=[row])
        (run,) = self.runner.alerts.run("responder_create_ticket", search, {})
        return run

    def recorded(self) -> int:
        """How many tasks were handed over."""
        return len([found for found in self.splunkd.kv.find(Collection(APP, "responder_tasks")) if "open" in found])

    def spooled(self) -> list[dict[str, Any]]:
        top = self.splunkd.home / "var/run/splunk" / APP
        return [json.loads(path.read_text("utf-8")) for path in sorted(top.glob("*/request.json"))]

    def logs(self) -> str:
        folder = self.splunkd.home / "var/log"
        return "".join(path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file())
