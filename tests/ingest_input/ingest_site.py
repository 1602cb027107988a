"""A place of its own for each test: an index, a bucket, a queue and its dead letters, and inputs that read them."""

from __future__ import annotations

import gzip
import itertools
import json
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import requests

from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn
from sandbox.runner.inputs import InputRun
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd
from tests.eventually import eventually

APP = "cloudtrail_responder"
SCHEME = "responder_cloudtrail"
_numbers = itertools.count(1)


def record(number: int = 0, **more: Any) -> dict[str, Any]:
    """A record as CloudTrail writes it; each has an event ID of its own."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "userName": "mara", "accountId": ACCOUNT},
        "eventTime": f"2026-03-04T05:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "requestParameters": {"filter": "<&> ü \uffff"},
        "eventID": str(uuid.uuid4()),
        "readOnly": True,
        "recipientAccountId": ACCOUNT,
        **more,
    }


def log_file(records: Iterable[dict[str, Any]]) -> bytes:
    text = json.dumps({"Records": list(records)}, separators=(",", ":"), ensure_ascii=False)
    return gzip.compress(text.encode(), 1)


class IngestSite:
    def __init__(self, runner: Runner, aws: AwsStandIn) -> None:
        self.runner, self.aws = runner, aws
        self.splunkd: Any = runner.host.splunkd
        self.name = f"site{next(_numbers)}-{uuid.uuid4().hex[:8]}"
        self.s3, self.sqs = aws.client("s3"), aws.client("sqs")
        self.bucket, self.index = f"logs-{self.name}", f"index-{self.name}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.queue = self._queue("q")
        self.dead_letters = self._queue("dead")
        self.rest("POST", "/services/data/indexes", data={"name": self.index})
        self.running: dict[str, Running] = {}

    @staticmethod
    def set_up(splunkd: Splunkd, aws: AwsStandIn) -> None:
        """The entry of the AWS account, through the setup page's own handlers."""
        iam = aws.client("iam")
        iam.create_user(UserName="ingest")
        key = iam.create_access_key(UserName="ingest")["AccessKey"]
        headers = {"Authorization": f"Splunk {splunkd.session_key(splunkd.admin[0])}"}
        base = f"{splunkd.uri}/servicesNS/nobody/{APP}"
        account = {
            "name": "logs",
            "account_id": ACCOUNT,
            "auth_type": "access_key",
            "access_key_id": key["AccessKeyId"],
            "secret_access_key": key["SecretAccessKey"],
            "default_region": REGION,
        }
        for path, form in (
            (f"configs/conf-{APP}_settings", {"name": "developer", "aws_endpoint_url": aws.url}),
            (f"{APP}_aws_account", account),
        ):
            answer = requests.post(f"{base}/{path}?output_mode=json", data=form, headers=headers, timeout=60)
            assert answer.ok, answer.text

    def rest(self, method: str, path: str, **options: Any) -> requests.Response:
        target = path if path.startswith("/") else f"/servicesNS/nobody/{APP}/{path}"
        headers = {"Authorization": f"Splunk {self.splunkd.session_key(self.splunkd.admin[0])}"}
        params = {"output_mode": "json"}
        return requests.request(
            method, self.splunkd.uri + target, params=params, headers=headers, timeout=60, **options
        )

    def _queue(self, kind: str, **attributes: str) -> str:
        return str(self.sqs.create_queue(QueueName=f"{kind}-{self.name}", Attributes=attributes)["QueueUrl"])

    # -- log files ---------------------------------------------------------------------------------------------------

    def put(self, records: Iterable[dict[str, Any]], key: str = "") -> str:
        """A log file into the bucket; returns its key."""
        return self.put_bytes(log_file(records), key)

    def put_bytes(self, body: bytes, key: str = "") -> str:
        number = next(_numbers)
        folder = f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/03/04"
        name = f"{ACCOUNT}_CloudTrail_eu-west-1_20260304T0510Z_{number:016d}.json.gz"
        key = key or f"{folder}/{name}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return key

    def announce(self, *keys: str) -> None:
        """As S3 does; one message for all of these keys."""
        self.send(self._notice(keys))

    def announce_all(self, messages: Sequence[Sequence[str]]) -> None:
        """Many messages, each for its keys."""
        for first in range(0, len(messages), 10):
            entries = [
                {"Id": str(number), "MessageBody": self._notice(keys)}
                for number, keys in enumerate(messages[first : first + 10])
            ]
            self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

    def _notice(self, keys: Iterable[str]) -> str:
        entries = [
            {
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "awsRegion": REGION,
                "s3": {"bucket": {"name": self.bucket}, "object": {"key": key, "size": 1}},
            }
            for key in keys
        ]
        return json.dumps({"Records": entries})

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)

    # -- inputs ------------------------------------------------------------------------------------------------------

    def configure(self, name: str = "one", **fields: str) -> str:
        """An input, as splunkd keeps it; returns its stanza."""
        given = {
            "interval": "60",
            "aws_account": "logs",
            "queue_url": self.queue,
            "dead_letter_queue": self.dead_letters,
            "index": self.index,
            "visibility_timeout": "3",
            "poison_limit": "2",
            "disabled": "1",
            **fields,
        }
        name = f"{name}-{self.name}"
        answer = self.rest("POST", f"data/inputs/{SCHEME}", data={"name": name, **given})
        assert answer.ok, answer.text
        return f"{SCHEME}://{name}"

    def store_token(self, token: str, name: str = "one") -> None:
        """As the setup page's handler keeps the encrypted field of an input."""
        separator = "``splunk_cred_sep``"
        text = json.dumps({"hec_token": token})
        marked = f"{separator}S{separator}P{separator}L{separator}U{separator}N{separator}K{separator}"
        for number, part in enumerate((text, marked), 1):
            form = {
                "realm": f"__REST_CREDENTIAL__#{APP}#data/inputs/{SCHEME}",
                "name": f"{name}-{self.name}{separator}{number}",
                "password": part,
            }
            answer = self.rest("POST", "storage/passwords", data=form)
            assert answer.ok, answer.text

    def start(self, stanza: str) -> Running:
        (instance,) = [one for one in self.runner.inputs.instances() if one.stanza == stanza]
        running = Running(self.runner, instance)
        self.running[stanza] = running
        return running

    def stop(self) -> None:
        for running in self.running.values():
            running.stop()

    # -- what came of it ---------------------------------------------------------------------------------------------

    def events(self) -> list[Any]:
        """All events of the index."""
        return list(self.splunkd.search(f'search index="{self.index}"', earliest=0).rows)

    def indexed(self) -> Counter[str]:
        """How often each event ID is in the index."""
        with self.splunkd.store.read() as db:
            rows = db.execute("SELECT raw FROM events WHERE idx=?", (self.index,)).fetchall()
        return Counter(json.loads(raw)["eventID"] for (raw,) in rows)

    def count(self) -> int:
        """Events in the index."""
        with self.splunkd.store.read() as db:
            return int(db.execute("SELECT COUNT(*) FROM events WHERE idx=?", (self.index,)).fetchone()[0])

    def named_by_dead_letters(self) -> set[str]:
        """Keys of files. Takes the dead letters away."""
        found: set[str] = set()
        while messages := self.sqs.receive_message(QueueUrl=self.dead_letters, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found |= {one["s3"]["object"]["key"] for one in json.loads(message["Body"])["Records"]}
        return found

    def file_events(self) -> list[dict[str, Any]]:
        """What the inputs said of the files of this bucket."""
        with self.splunkd.store.read() as db:
            rows = db.execute(
                "SELECT raw FROM events WHERE sourcetype='cloudtrail_responder:ingest' AND source LIKE ?",
                (f"s3://{self.bucket}/%",),
            ).fetchall()
        return [json.loads(raw) for (raw,) in rows]

    def waiting(self, queue: str = "") -> int:
        """Messages in a queue, hidden ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=queue or self.queue, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def is_empty(self) -> bool:
        """Looked at twice: what becomes visible while it is counted is in neither of the numbers."""
        for _ in range(2):
            if self.waiting() > 0:
                return False
            time.sleep(0.02)
        return True

    def log(self) -> str:
        path = self.splunkd.home / "var" / "log" / "splunk" / f"{APP}_cloudtrail.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def until_read(self) -> None:
        eventually(self.is_empty)


class Running:
    """An input at work, as splunkd has started it."""

    def __init__(self, runner: Runner, instance: Any) -> None:
        self._started = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.run: InputRun | None = None

        def started(process: subprocess.Popen[bytes]) -> None:
            self.process = process
            self._started.set()

        def work() -> None:
            self.run = runner.inputs.run_once(instance, started)

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        assert self._started.wait(30)

    def stop(self) -> InputRun:
        """As splunkd stops an input."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.ended()

    def kill(self) -> InputRun:
        assert self.process is not None
        self.process.kill()
        return self.ended()

    def ended(self) -> InputRun:
        self._thread.join(60)
        assert self.run is not None
        return self.run
