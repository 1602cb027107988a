"""Makes attempts at remediations in processes that can be killed: ``tests.aws.mortal`` starts it and tells it what.

One process has everything loaded, and forks for each attempt: to start Python and botocore anew takes longer than that.
It reads a line of JSON for each attempt and writes its process id; the attempt begins with the next line, and writes
what came of it; then comes ``ended``. Threads would not survive a fork, so it has none.
"""

from __future__ import annotations

import io
import json
import os
import time
from typing import Any

from responder.aws.client import Aws
from responder.errors import ResponderError
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry, runner, undo
from responder.remediation.ports import Ports, Request
from responder.settings.model import AwsAccount, Http, Safety
from responder.settings.secret import Secret
from responder.splunk.client import Splunkd

MANY = 100_000
SAFETY = Safety(
    default_mode="enforce",
    max_changes_per_run=MANY,
    max_changes_per_hour=MANY,
    max_changes_per_account_and_playbook=MANY,
)


def main() -> None:
    with open(0, "rb", buffering=0) as told:
        serve(told)


def serve(told: io.FileIO) -> None:
    place = json.loads(told.readline())
    secret = Secret(place["secret"])
    entry = AwsAccount(
        "main", place["account"], access_key_id=place["key"], secret_access_key=secret, endpoint_url=place["aws"]
    )
    aws = Aws(entry, Http(read_timeout=60), attempts=1, sleep=lambda seconds: None)
    registry.every()
    while line := told.readline():
        asked = json.loads(line)
        for service in registry.get(asked["playbook"]).services:
            # Known to all attempts from now on.
            aws.client(service)
        child = os.fork()
        if not child:
            told.readline()
            say(attempt(asked, entry, aws, Splunkd(place["splunkd"], place["session"])))
            os._exit(0)
        say(child)
        os.waitpid(child, 0)
        say("ended")


def say(what: object) -> None:
    os.write(1, f"{json.dumps(what)}\n".encode())


def attempt(asked: dict[str, Any], entry: AwsAccount, aws: Aws, splunkd: Splunkd) -> str:
    """The status of the outcome, or the name of the error."""
    past = [CloudTrailRecord(fields) for fields in asked["past"]]
    found, task = Finding.from_dict(asked["finding"]), asked["task"]
    ports = Ports(
        documents=splunkd,
        account_for=lambda account: entry,
        accounts=lambda: (entry,),
        aws=lambda account: aws,
        safety=lambda: SAFETY,
        audit=lambda step, status="success", **fields: None,
        before_send=lambda: None,
        clock=time.time,
        past=lambda calls, about: [one for one in past if calls.are_in(one) and one.event_id not in found.event_ids],
    )
    try:
        if asked["undo"]:
            return undo.undo(undo.UndoRequest(f"{task}.undo", task, "pat"), ports).status
        return runner.run(Request(task, "sid", asked["playbook"], "enforce", found), ports).status
    except ResponderError as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
