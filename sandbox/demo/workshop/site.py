"""Where the workshop takes place: an estate in AWS, people and thieves, the app as an administrator has set it up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.aws import estate as estates
from sandbox.aws.actors import Actor
from sandbox.aws.recorder import Recorder
from sandbox.aws.server import ACCOUNT, REGION
from sandbox.demo.infra_command import run_infra
from sandbox.demo.proof import key_status
from sandbox.demo.scenario import OUR_ACCOUNT
from sandbox.demo.workshop.shown import Output, Repeat, Shown
from sandbox.runner.scheduler import Firing
from sandbox.world import APP, Key, World

#: Names of what ``python -m infra apply`` makes, unless others are given.
STEM = "cloudtrail-responder"
LOG_BUCKET = f"{STEM}-{ACCOUNT}-{REGION}"
#: Who searches and saves alerts, with Splunk's role ``power`` and ours; who answers in Jira; who undoes.
OWNER, ANSWERS, UNDOES = "pat", "alice", "kim"
#: From here nobody is expected at all. The sandbox's other foreign address, ``ATTACKER_IP``, is in Canada.
NOWHERE, NOWHERE_NETWORK, NOWHERE_COUNTRY = "203.0.113.200", "203.0.113.192/26", "Brazil"
MINUTES = 5
#: What an alert of the workshop has in common with the others.
SCHEDULED = {
    "is_scheduled": "1",
    "cron_schedule": f"*/{MINUTES} * * * *",
    "dispatch.earliest_time": "-60m",
    "dispatch.latest_time": "now",
    "alert_type": "number of events",
    "alert_comparator": "greater than",
    "alert_threshold": "0",
    "alert.severity": "4",
}
#: What some of these are called in savedsearches.conf.
_IN_THE_FILE = {
    "is_scheduled": "enableSched",
    "alert_type": "counttype",
    "alert_comparator": "relation",
    "alert_threshold": "quantity",
}


def stanza(name: str, settings: Mapping[str, str]) -> list[str]:
    """The alert as savedsearches.conf has it, line by line."""
    whole = {**settings, **SCHEDULED}
    return [f"[{name}]", *(f"{_IN_THE_FILE.get(key, key)} = {value}" for key, value in whole.items())]


class StepFailed(Exception):
    """A step did not do what it is there for; the message is the line for whoever plays it."""


@dataclass
class Site:
    world: World
    estate: estates.Estate
    recorder: Recorder
    #: Folder in which ``python -m infra`` records what it has made.
    records: Path
    #: The second stolen key.
    ci_key: estates.Key
    #: Splunk's clock as the scheduler has it: the workshop does not wait for cron's minutes.
    clock: float = 0.0
    subscriber: str = ""

    @classmethod
    def on(cls, world: World, records: Path) -> Site:
        """Everything but the pipeline. Raises SetupRefused."""
        built = estates.build(world.aws, with_trail=False)
        recorder = Recorder(world.aws)
        key = built.responder_key
        world.configure(Key(key.access_key_id, key.secret_access_key), "enforce", jira_poll_seconds="0")
        world.splunkd.locations.add(NOWHERE_NETWORK, Country=NOWHERE_COUNTRY)
        world.rest("POST", "storage/collections/data/responder_accounts", json=OUR_ACCOUNT).raise_for_status()
        world.let_answer(ANSWERS)
        for name, roles in ((OWNER, ["power", APP]), (UNDOES, [f"{APP}_analyst"])):
            form = {"name": name, "password": f"a-password-of-{name}", "roles": roles}
            world.rest("POST", "/services/authentication/users", data=form).raise_for_status()
        return cls(world, built, recorder, records, estates.user(world.aws, "ci-runner"))

    # What people and thieves do

    def actor(self, key: estates.Key, address: str) -> Actor:
        return self.estate.actor(key, address, self.recorder)

    def happened(self, user: str) -> list[dict[str, Any]]:
        """CloudTrail's records of what somebody did."""
        return [one for one in self.recorder.everything if one["userIdentity"]["userName"] == user]

    def key_state(self, key: estates.Key) -> str:
        return ", ".join(key_status(self.world.aws, key.user))

    # Commands, searches, alerts

    def infra(self, *command: str) -> Iterator[Shown]:
        """Run ``python -m infra`` and show what it prints. Raises StepFailed where it does not end well."""
        yield Repeat(f".venv/bin/python -m infra {' '.join(command)}")
        where = () if command[0] == "peek" else ("--records", str(self.records))
        printed = run_infra((*command, *where), self.world.aws.url, lambda line: None)
        yield Output([line.replace(str(self.records), "~/.cloudtrail-responder") for line in printed.lines])
        if printed.exit_code:
            raise StepFailed(f".venv/bin/python -m infra {command[0]} ended with exit code {printed.exit_code}.")

    def search(self, spl: str, user: str = OWNER) -> list[dict[str, Any]]:
        """Results of a search. Raises StepFailed where splunkd refuses it."""
        form = {"search": spl, "exec_mode": "oneshot", "count": "0", "earliest_time": "-60m"}
        answer = self.world.rest("POST", f"/servicesNS/{user}/{APP}/search/jobs", user, data=form)
        if not answer.ok:
            raise StepFailed(f"The search was refused: {answer.text}")
        return list(answer.json()["results"])

    def save_alert(self, name: str, settings: Mapping[str, str]) -> None:
        """As its owner does it in Splunk Web, or edits what is there."""
        where, form = f"/servicesNS/{OWNER}/search/saved/searches", {**SCHEDULED, **settings}
        answer = self.world.rest("POST", where, OWNER, data={"name": name, **form})
        if answer.status_code == 409:
            answer = self.world.rest("POST", f"{where}/{name}", OWNER, data=form)
        if not answer.ok:
            raise StepFailed(f"The alert was not saved: {answer.text}")

    def next_run(self, name: str) -> Firing:
        """The alert's next run by the scheduler. Raises StepFailed where it does not come, or fails."""
        scheduler = self.world.runner.scheduler
        self.clock = self.clock or time.time()
        scheduler.due(self.clock)
        for _ in range(MINUTES):
            self.clock += 60
            for search, moment in scheduler.due(self.clock):
                if search.name == name:
                    firing = scheduler.fire(search, moment)
                    if firing.error:
                        raise StepFailed(f"The alert could not run: {firing.error}")
                    return firing
        raise StepFailed(f"The alert was not due within {MINUTES} minutes.")

    # The input

    @property
    def queue_url(self) -> str:
        return str(self.world.aws.client("sqs").get_queue_url(QueueName=STEM)["QueueUrl"])

    def waiting(self, url: str = "") -> int:
        """Messages of a queue, hidden ones too; without ``url`` of the pipeline's."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs = self.world.aws.client("sqs")
        found = sqs.get_queue_attributes(QueueUrl=url or self.queue_url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def deliver(self) -> None:
        """CloudTrail writes its log files, and the input brings them into the index. Raises StepFailed."""
        self.recorder.deliver()
        self.until(lambda: self.recorder.logged <= set(self.indexed()), "The input did not bring the records in")

    def indexed(self) -> list[str]:
        """The event IDs in the index, each as often as it is there."""
        rows = self.world.splunkd.search("search index=main sourcetype=aws:cloudtrail | table _raw").rows
        return [str(json.loads(str(row["_raw"]))["eventID"]) for row in rows]

    def work_until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Rounds of the app's worker until it is so: another round may be under way. Raises StepFailed."""

        def worked() -> bool:
            self.world.work()
            return is_so()

        self.until(worked, otherwise)

    @staticmethod
    def until(is_so: Callable[[], bool], otherwise: str, patience: float = 120.0) -> None:
        """Wait for it. Raises StepFailed."""
        deadline = time.monotonic() + patience
        while not is_so():
            if time.monotonic() > deadline:
                raise StepFailed(f"{otherwise} within {patience:.0f} s.")
            time.sleep(0.1)
