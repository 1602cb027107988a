"""What one process of the CloudTrail input takes: records for each CPU second, and memory.

40,000 records in 400 files through a queue, of which each tenth is announced twice, then as many in 4 large files;
that each record came out once is counted, too. Beside it, in the same interpreter, the loop that most people write:
download, ``gzip.decompress``, ``json.loads``, and ``json.dumps`` of each record.
"""

from __future__ import annotations

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
RECORDS = 40_000
_ID = re.compile(rb'"eventID":"([0-9a-f-]{36})"')
_LOOP = """
import gzip, json, resource, sys, urllib.request
began = resource.getrusage(resource.RUSAGE_SELF)
out = open("/dev/null", "w")
for url in open(sys.argv[1]).read().split():
    for record in json.loads(gzip.decompress(urllib.request.urlopen(url).read()))["Records"]:
        out.write(json.dumps(record) + "\\n")
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime, used.ru_maxrss)
"""


def main() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        with Splunkd(where / "splunk") as splunkd, AwsStandIn() as aws:
            splunkd.install_app(build_app(where))
            runner = Runner(splunkd, interpreters.available()[-1])
            bench = _Bench(runner, aws)
            bench.set_up()
            figures = [*bench.figures("400 files of 100", 400), *bench.figures("4 files of 10,000", 4, "above 1")]
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

    def set_up(self) -> None:
        iam = self._aws.client("iam")
        iam.create_user(UserName="ingest")
        key = iam.create_access_key(UserName="ingest")["AccessKey"]
        self._post(f"configs/conf-{APP}_settings", name="developer", aws_endpoint_url=self._aws.url)
        self._post(
            f"{APP}_aws_account", name="logs", account_id=ACCOUNT, auth_type="access_key",
            access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"], default_region=REGION,
        )  # fmt: skip

    def figures(self, what: str, files: int, aim: str = "") -> list[Figure]:
        bucket = f"bench-{files}"
        size = self._fill(bucket, files)
        cpu, memory, ids = self._input(bucket, files)
        doubled, count = sum(ids.values()) - len(ids), len(ids)
        if (count, doubled) != (RECORDS, 0):
            raise RuntimeError(f"{count:,} of {RECORDS:,} records came out, {doubled:,} of them twice")
        loop_cpu, loop_memory = self._loop(bucket)
        rate, loop_rate = RECORDS / cpu, RECORDS / loop_cpu
        return [
            Figure(
                f"CloudTrail input, {what} records: records (MB of text) for each CPU second, all included",
                f"{rate:,.0f} ({size / cpu / 1e6:.0f} MB)",
                f"json loop: {loop_rate:,.0f} ({size / loop_cpu / 1e6:.0f} MB)",
                rate / loop_rate,
                aim,
            ),
            Figure(
                f"CloudTrail input, {what} records: peak memory",
                f"{memory / 1e3:.0f} MB",
                f"json loop: {loop_memory / 1e3:.0f} MB",
                memory / loop_memory,
            ),
        ]

    def _fill(self, bucket: str, files: int) -> int:
        """Bytes of text."""
        self._s3.create_bucket(Bucket=bucket)
        queue = self._sqs.create_queue(QueueName=bucket)["QueueUrl"]
        each, size = RECORDS // files, 0
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
            for _ in range(1 if number % 10 else 2):
                self._sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": [entry]}))
        return size

    def _input(self, bucket: str, files: int) -> tuple[float, int, Counter[bytes]]:
        """CPU seconds and peak memory (kB) of the process, and how often each event ID came out."""
        queue = self._sqs.get_queue_url(QueueName=bucket)["QueueUrl"]
        self._post(
            f"data/inputs/{SCHEME}", name=bucket, interval="60", aws_account="logs", queue_url=queue, ask_index="0",
            disabled="1",
        )  # fmt: skip
        (instance,) = [one for one in self._runner.inputs.instances() if one.name == bucket]
        out, ids, processes = bytearray(), Counter[bytes](), list[subprocess.Popen[bytes]]()

        def sink(data: bytes) -> None:
            out.extend(data)
            end = out.rfind(b"</event>")
            if end >= 0:
                ids.update(_ID.findall(bytes(out[:end])))
                del out[:end]

        thread = threading.Thread(
            target=lambda: self._runner.inputs.run_once(instance, processes.append, sink), daemon=True
        )
        thread.start()
        while not self._is_empty(queue):
            time.sleep(0.5)
        found = _used(processes[0].pid)
        processes[0].terminate()
        thread.join()
        return (*found, ids)

    def _loop(self, bucket: str) -> tuple[float, int]:
        listed = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        urls = [
            self._s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": one["Key"]})
            for page in listed
            for one in page["Contents"]
        ]
        python = str(interpreters.find(interpreters.available()[-1]))
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
            names.write("\n".join(urls))
            names.flush()
            done = subprocess.run([python, "-c", _LOOP, names.name], capture_output=True, text=True, check=True)
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
