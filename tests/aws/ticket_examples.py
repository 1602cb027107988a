"""What a ticket says of each playbook's plan: rendered by the app itself on the playbook's first scenario.

    python -m tests.aws.ticket_examples

It writes tools/ticket_examples, from which the pages of the playbooks are made.
Ids and times are AWS's own and differ from run to run, so they are replaced by ones from documentation.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "package" / "bin"))

from responder.remediation.outcome import Outcome  # noqa: E402

from tests.aws.support import Tasks, ticket  # noqa: E402

FOLDER = ROOT / "tools" / "ticket_examples"
NAME = "example"
#: What AWS (or moto) makes up, and what stands for it.
_MADE_UP = (
    (r"\b(AKIA|ASIA)[A-Z0-9]{12,16}\b", r"\1IOSFODNN7EXAMPLE"),
    (r"\b(AIDA|AROA|APKA|ANPA|ACCA)[A-Z0-9]{12,17}\b", r"\1EXAMPLE"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "11111111-2222-4333-8444-555555555555"),
    (r"\b(sgr?|vpc|eni|i|vol|snap|ami|acl|aclassoc|subnet|pl|rtb|fl|rslvr-[a-z]+|igw|eipalloc|wsi)-[0-9a-f]{8,17}\b",
     r"\1-0123456789abcdef0"),
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(\+00:00|Z)?( UTC)?", "2026-11-28T12:00:00Z"),
    (r"\b\d{4}-\d{2}-\d{2}\b", "2026-11-28"),
    (r"\b\d{2}:\d{2} UTC", "12:00 UTC"),
    (r"ertificate [a-z0-9]{32}\b", "ertificate TA7SMP42TDN5Z26OBPJE7EXAMPLE"),
    (rf"\b{NAME}-(?=[A-Za-z]*[A-Z])[A-Za-z]{{6}}\b", rf"{NAME}-AbCdEf"),
    # All tests of a process share the account.
    (r"account has \d+ buckets?", "account has 12 buckets"),
    (rf"\b(secret {NAME})-[A-Za-z0-9]{{6}}\b", r"\1-AbCdEf"),
    (r"http://127\.0\.0\.1:\d+", "https://sqs.us-east-1.amazonaws.com"),
    (r"(secret:[\w/-]+)-[A-Za-z0-9]{6}\b", r"\1-AbCdEf"),
    (r"\b[0-9a-f]{32,64}\b", "0123456789abcdef0123456789abcdef"),
    (r"\bcase [0-9a-f]{20}\b", "case 0123456789abcdef0123"),
    (r'"Ids": \["[0-9a-f]{8}"\]', '"Ids": ["01234567"]'),
    (r"\b17\d{8}(\.\d+)?\b", "1795867200"),
    # Where the app cuts a line depends on how long the ones above are.
    (r"(?m)^(.{300}).+…$", r"\1…"),
)  # fmt: skip


def example(outcome: Outcome, name: str) -> str:
    """The comment on a ticket; ``name`` is what the scenario's resources were called."""
    return settled(ticket(outcome).replace(name, NAME) + "\n")


def settled(said: str) -> str:
    """The same text on every run."""
    for pattern, instead in _MADE_UP:
        said = re.sub(pattern, instead, said)
    return said


def write(tasks_of: Callable[[], Tasks], admin: Callable[..., Any]) -> None:
    from tests.aws.every_playbook import PLAYBOOKS

    FOLDER.mkdir(exist_ok=True)
    for number, playbook in enumerate(PLAYBOOKS):
        tasks, name = tasks_of(), f"t-{number:016x}"
        outcome = tasks.run(tasks.prepared(playbook.id, admin, name), playbook.id, "simulate")
        (FOLDER / f"{playbook.id}.txt").write_text(example(outcome, name), encoding="utf-8")


def main() -> None:
    from responder.aws.client import Aws
    from responder.settings.model import Http
    from responder.splunk.client import Splunkd as Client

    from sandbox.aws.server import AwsStandIn
    from sandbox.our_app import build_app
    from sandbox.splunkd import Splunkd
    from tests.aws.support import account

    with tempfile.TemporaryDirectory() as folder, AwsStandIn() as stand_in, Splunkd(Path(folder) / "kv") as splunkd:
        splunkd.install_app(build_app(Path(folder)))
        client = Client(splunkd.uri, splunkd.system_token)
        aws = Aws(account(stand_in.url), Http())
        write(lambda: Tasks(client, aws), stand_in.client)


if __name__ == "__main__":
    main()
