"""The built app on the sandbox, what it asked of splunkd, and what its processes took."""

from __future__ import annotations

import json
import resource
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.aws import ACCOUNT, estate
from sandbox.our_app import build_app
from sandbox.runner import interpreters
from sandbox.runner.alerts import ActionRun
from sandbox.world import ANALYST, APP, Key, World

#: What splunkd's log says of a request: "... INFO 127.0.0.1 - user METHOD target status".
_METHODS = ("GET", "POST", "DELETE", "PUT")


@dataclass
class Site:
    world: World

    def fire(self, action: str, rows: Sequence[Mapping[str, Any]], **parameters: str) -> ActionRun:
        """Run an alert action over findings. Raises RuntimeError when it recorded nothing of them."""
        run = self.world.fire(action, [dict(row) for row in rows], parameters)
        if run.exit_code not in (0, 4):
            raise RuntimeError(f"{action} ended with {run.exit_code}: {run.stderr}")
        return run

    def record(self, action: str, rows: Sequence[Mapping[str, Any]], **parameters: str) -> None:
        """Hand findings over without having them run, as an action does whose executor is stopped right after that."""
        numbered = [{"number": number, "row": row} for number, row in enumerate(rows, 1)]
        body = {"action": action, "parameters": parameters, "rows": numbered}
        self.world.rest("POST", f"{APP}/record", ANALYST, json=body).raise_for_status()

    def work(self) -> str:
        """One round of the worker, in a process of its own; what it wrote to its log."""
        (worker,) = (found for found in self.world.runner.inputs.instances() if found.scheme == "responder_worker")
        done = self.world.runner.inputs.run_once(worker)
        if done.exit_code:
            raise RuntimeError(f"the worker ended with {done.exit_code}: {done.stderr}")
        return done.stderr

    @property
    def requests(self) -> Requests:
        """What splunkd was asked from now on."""
        return Requests(self.world.home / "var" / "log" / "splunk" / "splunkd.log")

    def open_group(self) -> str:
        """A security group that is open to the world."""
        ec2 = self.world.aws.client("ec2")
        group = ec2.create_security_group(GroupName=f"web-{uuid.uuid4().hex[:12]}", Description="Web")["GroupId"]
        everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
        return str(group)


class Requests:
    """Requests to splunkd since this was made, by method and path without keys and queries."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._from = log.stat().st_size if log.exists() else 0

    def by_path(self) -> Counter[str]:
        with open(self._log, encoding="utf-8", errors="replace") as file:
            file.seek(self._from)
            return Counter(filter(None, map(_path, file)))

    @property
    def count(self) -> int:
        return self.by_path().total()


def _path(line: str) -> str:
    words = line.split()
    place = next((n for n, word in enumerate(words) if word in _METHODS), 0)
    if not place or len(words) != place + 3:
        return ""
    parts = words[place + 1].partition("?")[0].removeprefix("/services").strip("/").split("/")
    if parts[0].startswith("NS"):
        parts = parts[3:]
    if "data" in parts[:3]:
        # A document's key says nothing here.
        key = "/<key>" if len(parts) > 4 and parts[4] != "batch_save" else "".join(f"/{part}" for part in parts[4:])
        parts = ["kv", parts[3] + key]
    return f"{words[place]} {'/'.join(parts)}"


@contextmanager
def running(mode: str = "simulate", python: str = "", **developer: str) -> Iterator[Site]:
    """The built app, installed and configured as by an administrator."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        tarball = build_app(Path(scratch))
        with World(Path(scratch) / "splunk", tarball, python or interpreters.available()[-1]) as world:
            built = estate.build(world.aws)
            key = Key(built.responder_key.access_key_id, built.responder_key.secret_access_key)
            world.configure(key, mode, **developer)
            limits = {"max_changes_per_hour": "10000", "max_changes_per_account_and_playbook": "10000"}
            safety = {"max_changes_per_run": "1000", **limits, "require_proof": "0"}
            world.save("settings", "safety", {"default_mode": mode, "kill_switch": "0", **safety})
            yield Site(world)


def finding(case: str, event: str = "", group: str = "sg-0a1b2c3d4e5f60718") -> dict[str, Any]:
    """A finding as ours are: about 1.5 kB with its detail."""
    now = str(int(time.time()))
    rule = {"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 22, "to_port": 22, "description": "x" * 300}
    return {
        "signature_id": "security_group_opened_to_world",
        "signature": "Security group opened to the world",
        "severity": "high",
        "mitre_technique_id": "T1562.007",
        "vendor_account": ACCOUNT,
        "vendor_region": "us-east-1",
        "user": "deploy-bot",
        "user_type": "IAMUser",
        "user_arn": f"arn:aws:iam::{ACCOUNT}:user/deploy-bot",
        "src_ip": "203.0.113.66",
        "src_country": "Example",
        "user_agent": "aws-cli/2.15.0 Python/3.11.6 Linux/5.15.0 exe/x86_64",
        "object_category": "AWS::EC2::SecurityGroup",
        "object_id": group,
        "command": "AuthorizeSecurityGroupIngress",
        "outcome": "success",
        "event_ids": [event or str(uuid.uuid4())],
        "event_count": "1",
        "first_time": now,
        "last_time": now,
        "recommended_playbook": "revoke_open_ingress",
        "throttle_seconds": "0",
        "detail": json.dumps({"rules": [rule], "tags": {"team": "platform", "purpose": "y" * 200}}),
        "dedup_key": f"security_group_opened_to_world|{ACCOUNT}|{case}",
    }


def tickets_wait(site: Site, count: int) -> None:
    """One that the app has tried in vain, and copies of its document in cases of their own; all are due."""
    site.fire("create_ticket", [finding("outage")])
    (tried,) = site.world.documents("responder_tasks", {"open": 1})
    copies = [{**tried, "due_at": 1}]
    for number in range(1, count):
        case = f"{number:020x}"
        lane = f"{case}.ticket"
        key = f"{lane}.{number:016x}"
        copies.append({**tried, "_key": key, "case_id": case, "lane": lane, "audit": "", "turn": 0, "due_at": number})
    for first in range(0, len(copies), 200):
        path = "storage/collections/data/responder_tasks/batch_save"
        site.world.rest("POST", path, json=copies[first : first + 200]).raise_for_status()


def children_cpu() -> float:
    """User and system seconds of every process that was started from here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
