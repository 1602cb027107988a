"""A pipeline as a test works on it, and as AWS's own API shows it."""

from __future__ import annotations

import contextlib
import functools
import json
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

from responder.aws.client import Aws
from responder.pipeline.applying import Run, apply
from responder.pipeline.calls import Calls
from responder.pipeline.opening import open_pipeline, recorded_pipeline
from responder.pipeline.place import Place
from responder.pipeline.planning import Plan, Step, plan
from responder.pipeline.record import Record
from responder.pipeline.teardown import Removal, teardown
from responder.pipeline.verifying import verify
from responder.settings.model import Http

from sandbox.aws.server import ACCOUNT, REGION, client
from tests.aws.support import account


class Stopped(BaseException):
    """The process ends here: nothing in it may catch that."""


class Moments:
    """Each call that changes something, and each save of the record. The process may end right after one of them."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        #: How many are passed before the process ends; None: it does not.
        self.stop_after: int | None = None

    def passed_by(self, what: str) -> None:
        self.passed.append(what)
        if self.stop_after is not None and len(self.passed) >= self.stop_after:
            raise Stopped


class Records:
    """In memory, and nothing but JSON is kept: what a process knew ends with it."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self.kept: dict[str, str] = {}

    def load(self, key: str) -> Record | None:
        return Record.of(json.loads(self.kept[key])) if key in self.kept else None

    def save(self, record: Record) -> None:
        self.kept[record.key] = json.dumps(record.to_json())
        self._moments.passed_by("record")

    def remove(self, key: str) -> None:
        self.kept.pop(key, None)

    @contextlib.contextmanager
    def held(self, key: str) -> Iterator[None]:
        yield


class WatchedCalls(Calls):
    def __init__(self, aws: Aws, moments: Moments) -> None:
        super().__init__(aws, lambda seconds: None)
        self._moments = moments

    def write(self, service: str, operation: str, already: tuple[str, ...] = (), **parameters: Any) -> Any:
        answer = super().write(service, operation, already, **parameters)
        self._moments.passed_by(f"{service}:{operation}")
        return answer


class Site:
    def __init__(self, url: str, stem: str, region: str = REGION, **entry: Any) -> None:
        self.url, self.stem = url, stem
        self.moments = Moments()
        self.records = Records(self.moments)
        self.aws = Aws(account(url, default_region=region, **entry), Http(read_timeout=60))
        self.place = Place("aws", ACCOUNT, region)
        self.calls = WatchedCalls(self.aws, self.moments)
        self.client: Callable[..., Any] = functools.lru_cache(maxsize=None)(
            lambda service: client(url, service, region)
        )

    def another(self, number: int = 0) -> Site:
        """Another pipeline, in the same account, whose name does not hold that of this one."""
        return Site(self.url, f"w{number}{self.stem[::-1]}")

    @property
    def bucket(self) -> str:
        return f"{self.stem}-{ACCOUNT}-{self.place.region}"

    def _open(self, options: dict[str, Any], record_id: str = "") -> Any:
        return open_pipeline(self.calls, self.place, self.records, {"stem": self.stem, **options}, record_id)

    def plan(self, change: Collection[str] = (), record_id: str = "", **options: Any) -> Plan:
        pipeline, record = self._open(options, record_id)
        return plan(pipeline, self.calls, record, change)

    def apply(self, change: Collection[str] = (), record_id: str = "", **options: Any) -> list[Step]:
        pipeline, record = self._open(options, record_id)
        return apply(pipeline, Run(self.calls, self.records, record, time.time, lambda seconds: None), change)

    def problems(self) -> list[str]:
        """What ``verify`` says."""
        pipeline, record = recorded_pipeline(self.calls, self.place, self.records, self.stem)
        checks = verify(pipeline, self.calls, record)
        return [f"{check.resource.key}: {problem}" for check in checks for problem in check.problems]

    def teardown(self, delete_data: bool = False) -> list[Removal]:
        pipeline, record = recorded_pipeline(self.calls, self.place, self.records, self.stem)
        run = Run(self.calls, self.records, record, time.time, lambda seconds: None)
        return teardown(pipeline, run, delete_data)

    def actions(self, **options: Any) -> dict[str, str]:
        """What a plan says, by resource."""
        return {step.resource.key: step.action.value for step in self.plan(**options).steps}

    def estate(self) -> dict[str, Any]:
        """All that carries the stem, as AWS's API has it; ids that AWS chose are replaced."""
        found: dict[str, Any] = dict(_ESTATE[name](self) for name in _ESTATE)
        text = json.dumps({name: value for name, value in found.items() if value}, default=str, sort_keys=True)
        for number, key in enumerate(self.key_arns()):
            text = text.replace(key, f"key-{number}")
        plain: dict[str, Any] = json.loads(text.replace(self.stem, "STEM"))
        return plain

    def key_arns(self) -> list[str]:
        """ARNs of the keys of this pipeline that are not about to be deleted."""
        kms, found = self.client("kms"), []
        for key in kms.list_keys(Limit=1000)["Keys"]:
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            state = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
            if any(tag["TagValue"] == self.stem for tag in tags) and state == "Enabled":
                found.append(key["KeyArn"])
        return found


def _keys(site: Site) -> tuple[str, Any]:
    kms = site.client("kms")
    return "keys", [
        {
            "policy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
            "rotation": kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
            "aliases": [one["AliasName"] for one in kms.list_aliases(KeyId=key.rpartition("/")[2])["Aliases"]],
        }
        for key in site.key_arns()
    ]


def _buckets(site: Site) -> tuple[str, Any]:
    s3 = site.client("s3")
    names = [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].startswith(site.stem)]
    return "buckets", {name: bucket_settings(s3, name) for name in names}


def bucket_settings(s3: Any, name: str) -> dict[str, Any]:
    def read(operation: str, key: str) -> Any:
        try:
            return getattr(s3, operation)(Bucket=name).get(key)
        except s3.exceptions.ClientError as error:
            return error.response["Error"]["Code"]

    notified = s3.get_bucket_notification_configuration(Bucket=name)
    notified.pop("ResponseMetadata")
    return {
        "block": read("get_public_access_block", "PublicAccessBlockConfiguration"),
        "ownership": read("get_bucket_ownership_controls", "OwnershipControls"),
        "encryption": read("get_bucket_encryption", "ServerSideEncryptionConfiguration"),
        "versioning": read("get_bucket_versioning", "Status"),
        "lifecycle": read("get_bucket_lifecycle_configuration", "Rules"),
        "policy": json.loads(policy) if (policy := read("get_bucket_policy", "Policy")).startswith("{") else None,
        "tags": [tag["Key"] for tag in read("get_bucket_tagging", "TagSet") if isinstance(tag, dict)],
        "notifications": {kind: value for kind, value in notified.items() if value or kind.startswith("Event")},
    }


def _topics(site: Site) -> tuple[str, Any]:
    sns, found = site.client("sns"), {}
    for topic in (one["TopicArn"] for one in sns.list_topics()["Topics"] if site.stem in one["TopicArn"]):
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        arns = [one["SubscriptionArn"] for one in listed]
        raw = [sns.get_subscription_attributes(SubscriptionArn=one)["Attributes"]["RawMessageDelivery"] for one in arns]
        found[topic] = {
            "policy": json.loads(attributes["Policy"]),
            "key": attributes.get("KmsMasterKeyId", ""),
            "subscriptions": [(one["Endpoint"], flag) for one, flag in zip(listed, raw)],
        }
    return "topics", found


def _queues(site: Site) -> tuple[str, Any]:
    sqs, found = site.client("sqs"), {}
    for url in sqs.list_queues(QueueNamePrefix=site.stem).get("QueueUrls", ()):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        moving = ("Timestamp", "Approximate")
        found[url.rpartition("/")[2]] = {
            name: json.loads(value) if value.startswith("{") else value
            for name, value in attributes.items()
            if not any(word in name for word in moving)
        }
    return "queues", found


def _trails(site: Site) -> tuple[str, Any]:
    cloudtrail, found = site.client("cloudtrail"), {}
    for trail in cloudtrail.describe_trails()["trailList"]:
        if site.stem in trail["TrailARN"]:
            chosen = cloudtrail.get_event_selectors(TrailName=trail["TrailARN"])
            found[trail["Name"]] = {
                **trail,
                "selectors": chosen["AdvancedEventSelectors"],
                "logging": cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"],
            }
    return "trails", found


def _rules(site: Site) -> tuple[str, Any]:
    events, found = site.client("events"), {}
    for rule in events.list_rules(NamePrefix=site.stem)["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        found[rule["Name"]] = {
            "pattern": json.loads(rule["EventPattern"]),
            "state": rule["State"],
            "targets": [one["Arn"] for one in targets],
        }
    return "rules", found


def _roles(site: Site) -> tuple[str, Any]:
    iam, found = site.client("iam"), {}
    for role in iam.list_roles(PathPrefix="/cloudtrail-responder/")["Roles"]:
        if role["RoleName"].startswith(site.stem):
            name = role["RoleName"]
            inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
            found[name] = {
                "trust": role["AssumeRolePolicyDocument"],
                "policies": [iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in inline],
            }
    return "roles", found


_ESTATE: dict[str, Callable[[Site], tuple[str, Any]]] = {
    "keys": _keys,
    "buckets": _buckets,
    "topics": _topics,
    "queues": _queues,
    "trails": _trails,
    "rules": _rules,
    "roles": _roles,
}
