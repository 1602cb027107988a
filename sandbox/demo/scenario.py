"""The demo, step by step: set up, attack, wait, prove, undo. What is shown, and how, is the caller's business."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws import attack, estate
from sandbox.aws.collector import Collector
from sandbox.aws.recorder import Recorder
from sandbox.demo import acts, proof, stages, story
from sandbox.demo.stage import ANSWERS, LABEL, STATUS, Stage
from sandbox.world import ANALYST, APP, Key, World

#: Which countries and accounts are ours, as an administrator enters them in the app's lookups.
OUR_COUNTRY = {"country": "Germany", "reason": "Headquarters", "owner": "security", "expires": 0}
OUR_ACCOUNT = {
    "account_id": "123456789012",
    "account_name": "Production",
    "owner": "Pat Example",
    "owner_email": "pat@example.com",
    "oncall_team": "Platform",
    "environment": "prod",
}
#: Seconds that an event is indexed before a detection looks at it, the longest of them (docs/detections/README.md).
SETTLE = 300
#: Seconds for which a contained key is watched in the demo, instead of a quarter of an hour.
WATCHED = 0.5
ACTIONS = ("create_ticket", "notify_slack", "remediate")
AUDIT = 'search index=main sourcetype="cloudtrail_responder:audit" | table _raw'


class DemoFailed(Exception):
    """Something did not happen in time; the message names it."""


@dataclass
class Scenario:
    """One attack on one world."""

    world: World
    mode: str
    estate: Any = None
    recorder: Any = None
    collector: Any = None
    began: float = field(default_factory=time.time)

    def set_up(self) -> Iterator[str]:
        """Build the estate, configure the app through its setup page's handlers, switch the alerts on."""
        self.estate = estate.build(self.world.aws)
        self.recorder = Recorder(self.world.aws)
        self.collector = Collector(self.world.aws, self.estate.queue_url, self._index)
        yield "AWS estate: a trail, two buckets, an instance, a security group, three users"
        key = self.estate.responder_key
        hasty = {"containment_seconds": str(WATCHED), "jira_poll_seconds": "0"}
        self.world.configure(Key(key.access_key_id, key.secret_access_key), self.mode, **hasty)
        self.world.let_answer(ANSWERS, answer_statuses=f"{STATUS}=approve", answer_labels=f"{LABEL}=approve")
        # CloudTrail records what the app changes, too.
        self.recorder.watch_key(self.estate.actor(key, estate.OFFICE_IP, self.recorder, "cloudtrail-responder"))
        yield "Setup page: AWS account, Jira site and Slack workspace saved, each tested by the app as it was saved"
        for collection, row in (("responder_allowed_countries", OUR_COUNTRY), ("responder_accounts", OUR_ACCOUNT)):
            self.world.rest("POST", f"storage/collections/data/{collection}", json=row).raise_for_status()
        names = list(self._switch_on())
        yield f"{len(names)} alerts enabled, owned by '{ANALYST}', who is not an admin and cannot read credentials"

    def _switch_on(self) -> Iterator[str]:
        wanted = {detection for step in attack.STEPS for detection in step.detections}
        for name, stanza in self.world.splunkd.conf("savedsearches", APP).items():
            if any(f"cloudtrail_finding({detection})" in stanza.get("search", "") for detection in wanted):
                form = {"disabled": "0", **{f"action.responder_{action}": "1" for action in ACTIONS}}
                self.world.rest("POST", f"saved/searches/{name}", data=form).raise_for_status()
                acl = {"owner": ANALYST, "sharing": "app"}
                self.world.rest("POST", f"saved/searches/{name}/acl", data=acl).raise_for_status()
                yield name

    def _index(self, records: list[dict[str, Any]], source: str) -> None:
        self.world.splunkd.add_events(records, index="main", sourcetype="aws:cloudtrail", source=source)

    def everyday_work(self) -> None:
        """An administrator at the office does ordinary work, which must not be touched."""
        alice = self.estate.actor(self.estate.admin_key, estate.OFFICE_IP, self.recorder)
        alice.client("ec2").describe_instances()
        alice.client("iam").list_users()

    def attack(self) -> Iterator[attack.Step]:
        """Each step of the attack, before it is made."""
        thief = self.estate.actor(self.estate.deploy_key, estate.ATTACKER_IP, self.recorder)
        for step in attack.STEPS:
            yield step
            step.do(thief, self.estate)

    def respond(self, show: Callable[[list[story.Chapter]], None], patience: float = 120.0) -> list[story.Chapter]:
        """Deliver the logs, run the searches, and show how far the app has come until all is done.

        It does not wait for CloudTrail's and cron's minutes: searches run at once, as they will when what was just
        delivered has settled. Raises DemoFailed.
        """
        deadline = time.monotonic() + patience
        while True:
            self.deliver()
            settled = (int(time.time()) // 60 + 1) * 60 + SETTLE
            failures = [f"{f.search}: {f.error}" for f in self.world.runner.scheduler.run_all(APP, settled) if f.error]
            if failures:
                raise DemoFailed("A search failed. " + "; ".join(failures))
            chapters = self.chapters()
            show(chapters)
            if all(chapter.complete(self.mode) for chapter in chapters):
                return chapters
            if time.monotonic() > deadline:
                raise DemoFailed(f"The response was not complete after {patience:.0f} s: {self._missing(chapters)}")
            time.sleep(0.5)

    def deliver(self) -> None:
        """CloudTrail's new log files come into the index."""
        self.recorder.deliver()
        self.collector.collect()

    def confirm(self, chapters: list[story.Chapter], patience: float = 60.0) -> list[proof.Proof]:
        """What CloudTrail itself says of each remediation, looked up by the app's worker. Raises DemoFailed."""
        deadline = time.monotonic() + patience
        while True:
            self.deliver()
            self.world.work()
            audit = self.audit()
            proofs = [stages.proved(chapter, audit, self._is_logged(chapter)) for chapter in chapters]
            if all(one is not None for one in proofs):
                return [one for one in proofs if one is not None]
            if time.monotonic() > deadline:
                late = [chapter.step.title for chapter, one in zip(chapters, proofs) if one is None]
                raise DemoFailed(f"CloudTrail's proof was not there after {patience:.0f} s: {'; '.join(late)}")
            time.sleep(0.3)

    def _is_logged(self, chapter: story.Chapter) -> bool:
        """Whether a trail was logging when the app made its last call of a remediation."""
        done = self.world.documents("responder_evidence", {"task": chapter.remediation_task, "kind": "done"})
        requests = {json.loads(document["body"])["request_id"] for document in done}
        calls = [record for record in self.recorder.everything if record["requestID"] in requests]
        return bool(calls) and all(record["eventID"] in self.recorder.logged for record in calls)

    def acts(self, chapters: list[story.Chapter]) -> Iterator[tuple[str, Iterator[proof.Proof]]]:
        """Title and proofs of each further act; they are played as they are taken."""
        somebody = self.estate.actor(self.estate.admin_key, estate.OFFICE_IP, self.recorder)
        stage = Stage(self.world, self.estate, self.recorder, somebody, self.deliver, chapters)
        for act in acts.every():
            yield act.title, act.play(stage)

    def _missing(self, chapters: list[story.Chapter]) -> str:
        late = (c for c in chapters if not c.complete(self.mode))
        return "; ".join(
            f"{c.step.title}: reached {', '.join(c.times) or 'nothing'} {' '.join(c.failures)}" for c in late
        )

    def chapters(self) -> list[story.Chapter]:
        return story.chapters(attack.STEPS, self.recorder.everything, self.audit())

    def audit(self) -> list[dict[str, Any]]:
        """The app's audit events so far."""
        return [json.loads(str(row["_raw"])) for row in self.world.splunkd.search(AUDIT).rows]

    def prove(self, chapters: list[story.Chapter]) -> list[proof.Proof]:
        """The state of AWS, Jira and Slack, and requests of the app that the sandbox did not know."""
        unknown = self.world.splunkd.unknown_requests + self.world.jira.unknown_requests
        return [
            *proof.of_aws(self.world.aws, self.estate, self.mode),
            *proof.of_jira(self.world.jira.issues(), chapters),
            *proof.of_slack(self.world.slack.messages(), chapters),
            proof.Proof(
                "Every request of the app was one that the services know",
                not unknown,
                f"unknown requests: {proof.listed(unknown[:3])}",
            ),
        ]

    def undo(self, chapters: list[story.Chapter]) -> proof.Proof:
        """Undo the revoked SSH rules through the app's endpoint, and check AWS."""
        chapter = next(c for c in chapters if c.step.playbook == "revoke_open_ingress")
        answer = self.world.rest("POST", f"{APP}/undo", json={"task": chapter.remediation_task})
        open_rules, _ = proof.ingress(self.world.aws, self.estate)
        holds = answer.ok and open_rules == ["22 0.0.0.0/0", "22 ::/0"]
        seen = f"open again: {proof.listed(open_rules)}"
        return proof.Proof("Undo restored exactly the rules that were revoked", holds, seen)

    def tickets(self) -> dict[str, str]:
        """Each ticket's text with its comments, by key."""
        return {
            issue.key: "\n\n".join([issue.summary, issue.description, *(f"Comment:\n{c}" for c in issue.comments)])
            for issue in self.world.jira.issues()
        }
