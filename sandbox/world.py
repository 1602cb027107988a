"""Everything together on loopback: splunkd with the built app, Jira, Slack, AWS; set up through the app's own doors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.aws import ACCOUNT, AwsStandIn
from sandbox.faults import Faults
from sandbox.jira import JiraStandIn
from sandbox.jira.people import account_id
from sandbox.runner.alerts import ActionRun, Search
from sandbox.runner.runner import Runner
from sandbox.runner.web import Web
from sandbox.slack import SlackStandIn
from sandbox.splunkd import Splunkd
from spl import geo

APP = "cloudtrail_responder"
#: The alert's owner: no admin, no right to read credentials; the app's own role is all they have.
ANALYST, ANALYST_PASSWORD = "analyst", "analyst-password"


class SetupRefused(Exception):
    """The app's setup handler refused what was saved; the text is what a person would see on the page."""


@dataclass(frozen=True)
class Key:
    access_key_id: str
    secret_access_key: str


class World:
    """One sandbox. ``start`` gives an installed, unconfigured app; ``configure`` saves the setup page's forms.

    ``tls``: splunkd, Jira and Slack serve HTTPS, with certificates of one authority (``ca_file``). ``platform_libs``:
    see ``Host``.
    """

    def __init__(
        self,
        home: Path,
        tarball: Path,
        python: str = "3.13",
        jira: str = "cloud",
        *,
        tls: bool = False,
        port: int = 0,
        platform_libs: Path | None = None,
    ) -> None:
        self.home = home
        self.tarball = tarball
        self.splunkd = Splunkd(home, port, tls, faults=Faults())
        self.runner = Runner(self.splunkd, python, platform_libs=platform_libs)
        self.web = Web(self.runner.host)
        context = self.splunkd.tls.context if self.splunkd.tls else None
        self.jira = JiraStandIn(deployment=jira, tls=context)
        self.slack = SlackStandIn(tls=context)
        self.aws = AwsStandIn()
        #: What one ticket tells of, on the General tab. Most worlds are about cases by themselves; empty for the app's
        #: own defaults.
        self.grouping: Mapping[str, str] = {"incident_hours": "0", "digest_limit": "0"}
        self._stack = ExitStack()

    @property
    def ca_file(self) -> Path | None:
        """The authority that clients of splunkd, Jira and Slack must trust; None without ``tls``."""
        return self.splunkd.tls.ca_file if self.splunkd.tls else None

    def start(self) -> World:
        for part in (self.splunkd, self.web, self.jira, self.slack, self.aws):
            part.start()
            self._stack.callback(part.stop)
        self.runner.host.web_url = self.web.url
        self._stack.callback(self.runner.stop)
        for block, place in geo.BLOCKS:
            self.splunkd.locations.add(block, **place)
        self.aws.reset()
        self.install()
        return self

    def stop(self) -> None:
        self._stack.close()

    def __enter__(self) -> World:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- splunkd, as an administrator's browser or curl talks to it ------------------------------------------------

    def rest(self, method: str, path: str, user: str = "", **options: Any) -> requests.Response:
        """One request to splunkd, as ``user`` (the administrator by default); paths below the app's namespace."""
        target = path if path.startswith("/") else f"/servicesNS/nobody/{APP}/{path}"
        key = self.splunkd.session_key(user or self.splunkd.admin[0])
        headers = {"Authorization": f"Splunk {key}"}
        if self.ca_file:
            options["verify"] = str(self.ca_file)
        query = {"output_mode": "json", **options.pop("params", {})}
        return requests.request(
            method, self.splunkd.uri + target, params=query, headers=headers, timeout=120, **options
        )

    def install(self) -> None:
        """Install app from file, and make the analyst whose alerts will run."""
        form = {"name": str(self.tarball), "filename": "true", "update": "true"}
        self.rest("POST", "/services/apps/local", data=form).raise_for_status()
        analyst = {"name": ANALYST, "password": ANALYST_PASSWORD, "roles": [APP]}
        answer = self.rest("POST", "/services/authentication/users", data=analyst)
        if answer.status_code != 409:
            answer.raise_for_status()

    def save(self, table: str, name: str, form: Mapping[str, str]) -> None:
        """Save a row of a setup table, or a tab of ``settings``, as the page does. Raises SetupRefused."""
        if table == "settings":
            answer = self.rest("POST", f"{APP}_settings/{name}", data=dict(form))
        else:
            answer = self.rest("POST", f"{APP}_{table}", data={"name": name, **form})
        if not answer.ok:
            raise SetupRefused(answer.text)

    def developer(self, **settings: str) -> None:
        """The stanza that has no page: where the sandbox's AWS and Slack are."""
        answer = self.rest("POST", f"configs/conf-{APP}_settings", data={"name": "developer", **settings})
        if answer.status_code == 409:
            answer = self.rest("POST", f"configs/conf-{APP}_settings/developer", data=settings)
        answer.raise_for_status()

    def configure(self, aws_key: Key, mode: str = "simulate", **developer: str) -> None:
        """Fill in every tab with what the stand-ins gave out; each account is tested by the app as it is saved."""
        self.developer(aws_endpoint_url=self.aws.url, slack_api_url=self.slack.api_url, **developer)
        general = {"audit_index": "main", **({"ca_bundle": str(self.ca_file)} if self.ca_file else {})}
        self.save("settings", "general", {**general, **self.grouping})
        aws_form = {
            "account_id": ACCOUNT,
            "auth_type": "access_key",
            "access_key_id": aws_key.access_key_id,
            "secret_access_key": aws_key.secret_access_key,
            "default_region": "us-east-1",
        }
        self.save("aws_account", "production", aws_form)
        self.save("jira_site", "jira", self.jira_form())
        slack_form = {
            "auth_type": "bot",
            "bot_token": self.slack.credentials.bot_token,
            "default_channel": "security-alerts",
        }
        self.save("slack_workspace", "slack", slack_form)
        self.save("settings", "safety", {"default_mode": mode, "max_changes_per_run": "20", "kill_switch": "0"})

    def jira_form(self) -> dict[str, str]:
        held = self.jira.credentials
        form = {
            "deployment": self.jira.deployment,
            "url": self.jira.url,
            "default_project": "SEC",
            "default_issue_type": "Task",
        }
        if self.jira.deployment == "cloud":
            return {**form, "email": held.email, "api_token": held.api_token}
        return {**form, "personal_access_token": held.personal_access_token}

    def let_answer(self, person: str, **fields: str) -> None:
        """Let somebody of Jira answer in tickets, by user name, as the Jira sites tab does. Raises LookupError.

        ``fields``: others of the tab.
        """
        form = {**self.jira_form(), "answerers": account_id(person), **fields}
        self.rest("POST", f"{APP}_jira_site/jira", data=form).raise_for_status()

    # -- what happened ---------------------------------------------------------------------------------------------

    def fire(
        self, action: str, rows: list[dict[str, Any]], parameters: Mapping[str, str] | None = None, **how: Any
    ) -> ActionRun:
        """Run one alert action over findings, as the analyst's alert would."""
        search = Search(
            name="Test alert", app=APP, owner=ANALYST, rows=rows, **{k: how.pop(k) for k in ("sid",) if k in how}
        )
        (run,) = self.runner.alerts.run(f"responder_{action}", search, parameters or {}, **how)
        return run

    def work(self) -> None:
        """One round of the app's worker, as splunkd starts it by its interval."""
        for instance in self.runner.inputs.instances():
            if instance.scheme == "responder_worker":
                self.runner.inputs.run_once(instance)

    def documents(self, collection: str, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Documents of one of the app's KV collections."""
        answer = self.rest("GET", f"storage/collections/data/{collection}", params={"query": json.dumps(query or {})})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found
