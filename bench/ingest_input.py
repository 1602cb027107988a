"""What one process of the CloudTrail input takes: records for each CPU second, and memory.

80,000 records in 800 files through a queue, of which each tenth is announced twice, then 200,000 in 20 large files;
that each record came out once is counted, too. Beside it, in the same interpreter, the loop that most people write:
download, ``gzip.decompress``, ``json.loads``, and ``json.dumps`` of each record. Then the same loop made an input, with
``boto3`` on a queue of its own: a set drops what comes twice, each record becomes an event for splunkd, and the message
is deleted. And the floor: download, inflate, and one write. What an input takes that finds an empty queue is its start,
which a long run forgets; it is said apart.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import requests

from bench.figures import Figure
from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn
from sandbox.our_app import build_app
from sandbox.runner import interpreters
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd

APP, SCHEME = "cloudtrail_responder", "responder_cloudtrail"
#: Ends the name of the queue for the loop that is made an input.
BESIDE = "loop"
_ID = re.compile(rb'"eventID":"([0-9a-f-]{36})"')
_BEGIN = """
import gzip, json, os, resource, sys, urllib.request, zlib
began = resource.getrusage(resource.RUSAGE_SELF)
out = open("/dev/null", "w")
for url in open(sys.argv[1]).read().split():
"""
_END = """
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime, used.ru_maxrss)
"""
_LOOP = f"""{_BEGIN}
    for record in json.loads(gzip.decompress(urllib.request.urlopen(url).read()))["Records"]:
        out.write(json.dumps(record) + "\\n")
{_END}"""
#: What it imports is its start, and not counted.
_SAME_WORK = f"""
import gzip, json, os, resource, sys
from xml.sax.saxutils import escape
import boto3
endpoint, region, key, secret, queue = open(sys.argv[1]).read().split()
about = dict(endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret)
sqs, s3, seen, out = boto3.client("sqs", **about), boto3.client("s3", **about), set(), open("/dev/null", "w")
began = resource.getrusage(resource.RUSAGE_SELF)
while True:
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    if not messages:
        break
    for message in messages:
        for entry in json.loads(message["Body"])["Records"]:
            bucket, name = entry["s3"]["bucket"]["name"], entry["s3"]["object"]["key"]
            text = gzip.decompress(s3.get_object(Bucket=bucket, Key=name)["Body"].read())
            for record in json.loads(text)["Records"]:
                if record["eventID"] not in seen:
                    seen.add(record["eventID"])
                    data = escape(json.dumps(record))
                    out.write(f"<event><source>s3://{{bucket}}/{{name}}</source><data>{{data}}</data></event>\\n")
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
{_END}"""
_FLOOR = f"""{_BEGIN}
    os.write(out.fileno(), zlib.decompress(urllib.request.urlopen(url).read(), 31))
{_END}"""


def main() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        with Splunkd(where / "splunk") as splunkd, AwsStandIn() as aws:
            splunkd.install_app(build_app(where))
            runner = Runner(splunkd, interpreters.available()[-1])
            bench = _Bench(runner, aws)
            bench.set_up()
            start = bench.start()
            figures = [
                Figure("CloudTrail input: CPU seconds until it waits for messages", f"{start:.2f}", ""),
                *bench.figures("800 files of 100", 800, 100, start),
                *bench.figures("20 files of 10,000", 20, 10_000, start),
            ]
            runner.stop()
            return figures


def _record(number: int) -> dict[str, Any]:
    """About 1.2 kB, as in the public data sets."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE{number % 97:05d}:session",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/service-{number % 97}/session",
            "accountId": ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "userName": f"service-{number % 97}", "accountId": ACCOUNT},
                "attributes": {"creationDate": "2026-03-04T04:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"2026-03-04T05:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"198.51.100.{number % 250}",
        "userAgent": "aws-sdk-java/2.20 Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0.9",
        "requestParameters": {
            "instancesSet": {"items": [{"instanceId": f"i-{number:017x}"}]},
            "filterSet": {"items": [{"name": "tag:team", "valueSet": {"items": [{"value": f"team-{number % 31}"}]}}]},
        },
        "responseElements": None,
        "requestID": str(uuid.UUID(int=number)),
        "eventID": str(uuid.uuid4()),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": "ec2.eu-west-1.amazonaws.com"},
    }


class _Bench:
    def __init__(self, runner: Runner, aws: AwsStandIn) -> None:
        self._runner, self._aws = runner, aws
        self._splunkd: Any = runner.host.splunkd
        self._s3, self._sqs = aws.client("s3"), aws.client("sqs")
        self._key: list[str] = []

    def set_up(self) -> None:
        iam = self._aws.client("iam")
        iam.create_user(UserName="ingest")
        key = iam.create_access_key(UserName="ingest")["AccessKey"]
        self._key = [key["AccessKeyId"], key["SecretAccessKey"]]
        self._post(f"configs/conf-{APP}_settings", name="developer", aws_endpoint_url=self._aws.url)
        self._post(
            f"{APP}_aws_account", name="logs", account_id=ACCOUNT, auth_type="access_key",
            access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"], default_region=REGION,
        )  # fmt: skip

    def start(self) -> float:
        """CPU seconds of an input until it waits for the first message."""
        self._sqs.create_queue(QueueName="empty")
        with self._running("empty", lambda data: None) as pid:
            # It reads its settings and the queue's attributes; then a thread waits for messages.
            found, before = 0.0, -1.0
            while len(os.listdir(f"/proc/{pid}/task")) < 3 or found > before:
                before = found
                time.sleep(3.0)
                found = _used(pid)[0]
            return found

    def figures(self, what: str, files: int, each: int, start: float) -> list[Figure]:
        bucket, records = f"bench-{files}", files * each
        size = self._fill(bucket, files, each)
        cpu, memory, ids = self._input(bucket)
        doubled, count = sum(ids.values()) - len(ids), len(ids)
        if (count, doubled) != (records, 0):
            raise RuntimeError(f"{count:,} of {records:,} records came out, {doubled:,} of them twice")
        urls = self._urls(bucket)
        loop_cpu, loop_memory = self._beside(_LOOP, urls)
        floor_cpu, _ = self._beside(_FLOOR, urls)
        queue = self._sqs.get_queue_url(QueueName=f"{bucket}-{BESIDE}")["QueueUrl"]
        same_cpu, _ = self._beside(_SAME_WORK, [self._aws.url, REGION, *self._key, queue])
        own = cpu - start

        def rate(seconds: float) -> str:
            return f"{records / seconds:,.0f} ({size / seconds / 1e6:.0f} MB)"

        name = f"CloudTrail input, {what} records: records (MB of text) for each CPU second"
        return [
            Figure(f"{name}, all included", rate(cpu), f"json loop: {rate(loop_cpu)}", loop_cpu / cpu),
            Figure(f"{name}, without the start", rate(own), f"json loop: {rate(loop_cpu)}", loop_cpu / own, "4"),
            Figure("the same", rate(own), f"that loop as an input: {rate(same_cpu)}", same_cpu / own, "4"),
            Figure("the same", rate(own), f"floor: {rate(floor_cpu)}", floor_cpu / own, "0.45"),
            Figure(
                f"CloudTrail input, {what} records: peak memory",
                f"{memory / 1e3:.0f} MB",
                f"json loop: {loop_memory / 1e3:.0f} MB",
                memory / loop_memory,
            ),
        ]

    def _fill(self, bucket: str, files: int, each: int) -> int:
        """Bytes of text."""
        self._s3.create_bucket(Bucket=bucket)
        queues = [self._sqs.create_queue(QueueName=name)["QueueUrl"] for name in (bucket, f"{bucket}-{BESIDE}")]
        size = 0
        for number in range(files):
            text = json.dumps(
                {"Records": [_record(number * each + one) for one in range(each)]}, separators=(",", ":")
            ).encode()
            size += len(text)
            key = (
                f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/03/04/"
                f"{ACCOUNT}_CloudTrail_eu-west-1_20260304T0510Z_{number:016d}.json.gz"
            )
            self._s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(text, 6))
            entry = {
                "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket}, "object": {"key": key}},
            }  # fmt: skip
            for queue in queues * (1 if number % 10 else 2):
                self._sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": [entry]}))
        return size

    def _input(self, bucket: str) -> tuple[float, int, Counter[bytes]]:
        """CPU seconds and peak memory (kB) of the process, and how often each event ID came out."""
        out, ids = bytearray(), Counter[bytes]()

        def sink(data: bytes) -> None:
            out.extend(data)
            end = out.rfind(b"</event>")
            if end >= 0:
                ids.update(_ID.findall(bytes(out[:end])))
                del out[:end]

        with self._running(bucket, sink) as pid:
            while not self._is_empty(self._sqs.get_queue_url(QueueName=bucket)["QueueUrl"]):
                time.sleep(0.5)
            found = _used(pid)
        return (*found, ids)

    @contextlib.contextmanager
    def _running(self, queue: str, sink: Callable[[bytes], None]) -> Iterator[int]:
        """The input of a queue; its process ID."""
        url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._post(
            f"data/inputs/{SCHEME}", name=queue, interval="60", aws_account="logs", queue_url=url, ask_index="0",
            disabled="1",
        )  # fmt: skip
        (instance,) = [one for one in self._runner.inputs.instances() if one.name == queue]
        processes: list[subprocess.Popen[bytes]] = []
        started = threading.Event()

        def on_start(process: subprocess.Popen[bytes]) -> None:
            processes.append(process)
            started.set()

        thread = threading.Thread(target=lambda: self._runner.inputs.run_once(instance, on_start, sink), daemon=True)
        thread.start()
        started.wait()
        yield processes[0].pid
        processes[0].terminate()
        thread.join()

    def _urls(self, bucket: str) -> list[str]:
        listed = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [
            self._s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": one["Key"]})
            for page in listed
            for one in page["Contents"]
        ]

    def _beside(self, code: str, words: Sequence[str]) -> tuple[float, int]:
        """CPU seconds and peak memory (kB) of a process that reads ``words`` from a file."""
        python = str(interpreters.find(interpreters.available()[-1]))
        libraries = {"PYTHONPATH": str(self._splunkd.home / "etc" / "apps" / APP / "lib")}
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as given:
            given.write("\n".join(words))
            given.flush()
            done = subprocess.run([python, "-c", code, given.name], capture_output=True, text=True, env=libraries)
        if done.returncode:
            raise RuntimeError(done.stderr)
        cpu, memory = done.stdout.split()
        return float(cpu), int(memory)

    def _is_empty(self, queue: str) -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        if any(int(found[name]) for name in names):
            return False
        # What becomes visible while it is counted is in neither of the numbers.
        again = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return not any(int(again[name]) for name in names)

    def _post(self, path: str, **form: str) -> None:
        headers = {"Authorization": f"Splunk {self._splunkd.session_key(self._splunkd.admin[0])}"}
        url = f"{self._splunkd.uri}/servicesNS/nobody/{APP}/{path}?output_mode=json"
        answer = requests.post(url, data=form, headers=headers, timeout=60)
        if not answer.ok:
            raise RuntimeError(answer.text)


def _used(pid: int) -> tuple[float, int]:
    """CPU seconds and peak memory (kB) of a process that runs. Source: proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak[1]) if peak else 0


if __name__ == "__main__":
    for figure in main():
        print(figure, file=sys.stdout)
