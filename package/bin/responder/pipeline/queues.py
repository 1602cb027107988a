"""The queues of an account in a region: how full they are, where dead letters go, and who fills them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..aws.client import Aws
from ..errors import NotFound, NotPermitted, ResponderError, Unavailable

#: Queues that are looked at, and at how many at the same time.
MOST, AT_ONCE = 1000, 8
#: Metrics that CloudWatch gives at once.
_METRICS = 500


@dataclass(frozen=True)
class Feed:
    """A topic whose messages the queue gets, or a service that may send to it by itself."""

    #: ARN of a topic, a bucket or a rule; empty where the queue's policy does not narrow the service down.
    source: str
    #: ``SNS topic``, or the service that the queue's policy lets in, as in ``s3.amazonaws.com``.
    kind: str
    #: Of a subscription: whether messages come without SNS's envelope; None where it cannot be read.
    is_raw: bool | None = None


@dataclass(frozen=True)
class Queue:
    url: str
    arn: str
    #: Messages that can be received, that somebody has received and not deleted, and that are not visible yet.
    messages: int
    in_flight: int
    delayed: int
    #: Seconds (VisibilityTimeout, MessageRetentionPeriod).
    visibility_timeout: int
    retention: int
    #: Where a message goes that was received ``max_receives`` times; empty for nowhere.
    dead_letters: str = ""
    max_receives: int = 0
    #: Names of the queues whose dead letters it takes.
    dead_letters_of: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
    #: Seconds; None where CloudWatch has not said.
    oldest_age: float | None = None

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True)
class Queues:
    found: tuple[Queue, ...]
    #: What could not be looked at, and why: one line each.
    notes: tuple[str, ...] = field(default=())


def every(aws: Aws, region: str) -> Queues:
    """Every queue, by name. Raises a ResponderError where they cannot be listed."""
    urls, notes = _urls(aws, region)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="queues") as pool:
        read = list(pool.map(lambda url: _queue(aws, region, url), urls))
    queues = [queue for queue in read if isinstance(queue, Queue)]
    notes += [str(error) for error in read if isinstance(error, ResponderError)][:3]
    for add in (_with_topics, _with_ages):
        try:
            queues = add(aws, region, queues)
        except ResponderError as error:
            notes.append(str(error))
    found = (_with_sources_of_dead_letters(queue, queues) for queue in queues)
    return Queues(tuple(sorted(found, key=lambda queue: queue.name)), tuple(notes))


def _urls(aws: Aws, region: str) -> tuple[list[str], list[str]]:
    urls: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = aws.read("sqs", "list_queues", region, MaxResults=1000, **more)
        # Without a queue there is no such key.
        urls += page.get("QueueUrls") or []
        if not page.get("NextToken") or len(urls) >= MOST:
            break
        more = {"NextToken": page["NextToken"]}
    notes = [f"Only the first {MOST} queues are shown."] if page.get("NextToken") or len(urls) > MOST else []
    return urls[:MOST], notes


def _queue(aws: Aws, region: str, url: str) -> Queue | ResponderError | None:
    """None for a queue that was deleted meanwhile, an error for one that may not be looked at."""
    try:
        answer = aws.read("sqs", "get_queue_attributes", region, QueueUrl=url, AttributeNames=["All"])
    except NotFound:
        return None
    except NotPermitted as error:
        return error
    given: Mapping[str, str] = answer["Attributes"]
    redrive = _json(given.get("RedrivePolicy"))
    return Queue(
        url,
        given["QueueArn"],
        messages=int(given.get("ApproximateNumberOfMessages", 0)),
        in_flight=int(given.get("ApproximateNumberOfMessagesNotVisible", 0)),
        delayed=int(given.get("ApproximateNumberOfMessagesDelayed", 0)),
        visibility_timeout=int(given.get("VisibilityTimeout", 0)),
        retention=int(given.get("MessageRetentionPeriod", 0)),
        dead_letters=str(redrive.get("deadLetterTargetArn", "")),
        max_receives=_number(redrive.get("maxReceiveCount")),
        feeds=tuple(_services(_json(given.get("Policy")))),
    )


def _services(policy: Mapping[str, Any]) -> Iterator[Feed]:
    """Which services the queue's policy lets send, and from where. SNS is asked itself."""
    for statement in _several(policy.get("Statement")):
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        named = _several(principal.get("Service")) if isinstance(principal, Mapping) else []
        for service in named:
            if service != "sns.amazonaws.com":
                yield from (Feed(source, str(service)) for source in _sources(statement))


def _sources(statement: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    conditions = statement.get("Condition")
    for keys in conditions.values() if isinstance(conditions, Mapping) else ():
        for key, values in keys.items() if isinstance(keys, Mapping) else ():
            if str(key).lower() == "aws:sourcearn":
                found += [str(value) for value in _several(values)]
    return found or [""]


def _with_topics(aws: Aws, region: str, queues: Sequence[Queue]) -> list[Queue]:
    """With the topics that they are subscribed to."""
    known = {queue.arn: queue for queue in queues}
    every = aws.read_all("Subscriptions", "sns", "list_subscriptions", region)
    ours = [one for one in every if one.get("Protocol") == "sqs" and one.get("Endpoint") in known]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="subscriptions") as pool:
        forms = list(pool.map(lambda one: _is_raw(aws, region, one["SubscriptionArn"]), ours))
    for one, is_raw in zip(ours, forms):
        queue = known[one["Endpoint"]]
        known[queue.arn] = replace(queue, feeds=(*queue.feeds, Feed(one["TopicArn"], "SNS topic", is_raw)))
    return list(known.values())


def _is_raw(aws: Aws, region: str, arn: str) -> bool | None:
    try:
        answer = aws.read("sns", "get_subscription_attributes", region, SubscriptionArn=arn)
    except (NotPermitted, NotFound, Unavailable):
        return None
    return str(answer["Attributes"].get("RawMessageDelivery", "false")).lower() == "true"


def _with_ages(aws: Aws, region: str, queues: Sequence[Queue]) -> list[Queue]:
    """With the age of their oldest message, which CloudWatch knows and SQS does not say."""
    ages: dict[str, float] = {}
    now = datetime.now(timezone.utc)
    for first in range(0, len(queues), _METRICS):
        asked = {f"q{number}": queue for number, queue in enumerate(queues[first : first + _METRICS])}
        answer = aws.read(
            "cloudwatch",
            "get_metric_data",
            region,
            MetricDataQueries=[_age_of(name, queue) for name, queue in asked.items()],
            StartTime=now - timedelta(minutes=15),
            EndTime=now,
        )
        # Newest first.
        ages.update({asked[one["Id"]].arn: one["Values"][0] for one in answer["MetricDataResults"] if one["Values"]})
    return [replace(queue, oldest_age=ages.get(queue.arn)) for queue in queues]


def _age_of(name: str, queue: Queue) -> dict[str, Any]:
    dimensions = [{"Name": "QueueName", "Value": queue.name}]
    metric = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage", "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}


def _with_sources_of_dead_letters(queue: Queue, queues: Sequence[Queue]) -> Queue:
    return replace(queue, dead_letters_of=tuple(one.name for one in queues if one.dead_letters == queue.arn))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _json(text: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> int:
    # SQS gives it back as a number or as a text, as it was set.
    return int(value) if str(value).isdigit() else 0
