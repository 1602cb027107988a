"""A pipeline as data: its resources in the order in which they are made, each with all of its settings.

This is the one description: what is provisioned, what is verified, and the templates all come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import arn
from ..errors import Rejected
from . import events, grants
from .names import NAMED, check_name
from .options import Options
from .place import KEY_ARN, TOKEN, Place
from .resource import Resource
from .resources.bucket import BLOCKED, Bucket, lifecycle
from .resources.bucket_policy import BucketPolicy
from .resources.key import Key
from .resources.notification import SUFFIX, Notification
from .resources.queue import Queue
from .resources.role import Role
from .resources.rule import Rule
from .resources.subscription import Subscription
from .resources.topic import Topic
from .resources.trail import Trail

DAY = 86_400
#: A message waits longer among the dead letters than in any queue: the most that SQS keeps.
DEAD_LETTER_DAYS = 14


@dataclass(frozen=True)
class Organization:
    """What the policies of an organization's trail name."""

    id: str
    management_account: str


@dataclass(frozen=True)
class Pipeline:
    options: Options
    place: Place
    resources: tuple[Resource, ...]

    def get(self, key: str) -> Resource | None:
        return next((one for one in self.resources if one.key == key), None)


def describe(options: Options, place: Place, organization: Organization | None = None) -> Pipeline:
    """Raises Rejected for names that AWS does not take in this place."""
    made = _Description(options, place, organization)
    parts = (
        made.key(),
        made.bucket(),
        made.topic(),
        made.dead_letter_queue(),
        made.queue(),
        made.subscription(),
        made.rule(),
        made.bucket_policy(),
        made.notification(),
        made.trail(),
        made.role(),
    )
    return Pipeline(options, place, tuple(one for one in parts if one is not None))


class _Description:
    def __init__(self, options: Options, place: Place, organization: Organization | None) -> None:
        self.options = options
        self.place = place
        self.organization = organization
        filled = {"stem": options.stem, "account": place.account, "region": place.region}
        self.names = {key: options.names.get(key) or form.format(**filled) for key, form in NAMED.items()}
        for key, name in self.names.items():
            if not TOKEN.search(name):
                check_name(key, name)
        self.bucket_arn = place.bucket_arn(self.names["bucket"])
        self.topic_arn, self.queue_arn, self.dead_letter_arn = (
            place.arn(service, self.names[key])
            for service, key in (("sns", "topic"), ("sqs", "queue"), ("sqs", "dead_letter_queue"))
        )
        for other in options.source_trails:
            named = arn.parse(other)
            if named is not None and named.partition != place.partition and not TOKEN.search(place.partition):
                raise Rejected(
                    f"Trail {other} is in partition {named.partition}, and the pipeline in {place.partition}.",
                    "No trail writes into a bucket of another partition.",
                )

    @property
    def has_key(self) -> bool:
        return self.options.encryption == "kms"

    @property
    def uses_sns(self) -> bool:
        return self.options.notifier != "eventbridge"

    def trail_arns(self) -> list[str]:
        """Of the trails that write into the bucket. An organization's is its management account's, whoever made it."""
        account = self.organization.management_account if self.organization else self.place.account
        own = f"arn:{self.place.partition}:cloudtrail:{self.place.region}:{account}:trail/{self.names['trail']}"
        return [*([own] if self.options.trail else []), *self.options.source_trails]

    def trail_accounts(self) -> list[str]:
        return list(dict.fromkeys(each.split(":")[4] for each in self.trail_arns()))

    def folders(self) -> list[str]:
        """Where the trails write, without a slash at the end."""
        prefix = f"{self.options.key_prefix}/" if self.options.key_prefix else ""
        inside = [*self.trail_accounts(), *([self.organization.id] if self.organization else [])]
        return [f"{prefix}AWSLogs/{one}" for one in inside]

    def all_files(self) -> str:
        return f"{self.options.key_prefix}/AWSLogs/" if self.options.key_prefix else "AWSLogs/"

    # The resources

    def key(self) -> Key | None:
        if not self.has_key:
            return None
        senders = {"s3": (grants.S3, grants.SNS), "cloudtrail": (grants.SNS,), "eventbridge": (grants.EVENTS,)}
        policy = grants.key_policy(
            self.place, self.trail_arns(), self.trail_accounts(), senders[self.options.notifier]
        )
        if self.options.notifier == "cloudtrail":
            policy["Statement"].append(grants.publishes(grants.CLOUDTRAIL, self.trail_arns()[0]))
        name = self.names["key"]
        return Key("key", name, self.place, {"policy": policy, "rotation": True, "alias": name})

    def bucket(self) -> Bucket:
        options = self.options
        encryption: dict[str, Any] = {"algorithm": "AES256"}
        if self.has_key:
            encryption = {"algorithm": "aws:kms", "key": KEY_ARN, "bucket_key": True}
        wanted = {
            # First what nobody may be quicker than.
            "public_access_block": BLOCKED,
            "ownership": "BucketOwnerEnforced",
            "encryption": encryption,
            "versioning": "Enabled",
            "lifecycle": lifecycle(self.all_files(), options.retention_days, options.archive_days),
        }
        return Bucket("bucket", self.names["bucket"], self.place, wanted)

    def topic(self) -> Topic | None:
        if not self.uses_sns:
            return None
        publisher, source = grants.S3, self.bucket_arn
        if self.options.notifier == "cloudtrail":
            publisher, source = grants.CLOUDTRAIL, self.trail_arns()[0]
        policy = grants.topic_policy(self.topic_arn, publisher, source, self.place.account)
        wanted = {"policy": policy, "encryption": KEY_ARN if self.has_key else ""}
        return Topic("topic", self.names["topic"], self.place, wanted)

    def _queue(self, key: str, days: int, **more: Any) -> Queue:
        wanted = {
            "visibility_seconds": self.options.visibility_seconds,
            "retention_seconds": days * DAY,
            "wait_seconds": 20,
            "encryption": KEY_ARN if self.has_key else "sqs",
            **more,
        }
        return Queue(key, self.names[key], self.place, wanted)

    def dead_letter_queue(self) -> Queue:
        allow = {"redrivePermission": "byQueue", "sourceQueueArns": [self.queue_arn]}
        return self._queue("dead_letter_queue", DEAD_LETTER_DAYS, redrive_allow=allow)

    def queue(self) -> Queue:
        sender, source = grants.SNS, self.topic_arn
        if not self.uses_sns:
            sender, source = grants.EVENTS, self.place.arn("events", f"rule/{self.names['rule']}")
        count = self.options.max_receive_count
        redrive = {"deadLetterTargetArn": self.dead_letter_arn, "maxReceiveCount": count}
        policy = grants.queue_policy(self.queue_arn, sender, source)
        return self._queue("queue", self.options.message_days, redrive=redrive, policy=policy)

    def subscription(self) -> Subscription | None:
        if not self.uses_sns:
            return None
        wanted = {"endpoint": self.queue_arn, "raw_delivery": self.options.raw_delivery}
        return Subscription("subscription", self.names["topic"], self.place, wanted)

    def rule(self) -> Rule | None:
        if self.uses_sns:
            return None
        pattern = {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {
                "bucket": {"name": [self.names["bucket"]]},
                "object": {"key": [{"wildcard": f"{self.all_files()}*{SUFFIX}"}]},
            },
        }
        wanted = {"pattern": pattern, "state": "ENABLED", "target": self.queue_arn}
        return Rule("rule", self.names["rule"], self.place, wanted)

    def bucket_policy(self) -> BucketPolicy:
        policy = grants.bucket_policy(self.bucket_arn, self.folders(), self.trail_arns())
        return BucketPolicy("bucket_policy", self.names["bucket"], self.place, {"policy": policy})

    def notification(self) -> Notification | None:
        if self.options.notifier == "cloudtrail":
            return None
        topic = {
            "topic": self.topic_arn,
            "events": ["s3:ObjectCreated:*"],
            "prefix": self.all_files(),
            "suffix": SUFFIX,
        }
        wanted: Mapping[str, Any] = {"topic": topic} if self.uses_sns else {"eventbridge": True}
        return Notification("notification", self.names["bucket"], self.place, wanted)

    def trail(self) -> Trail | None:
        options = self.options
        if not options.trail:
            return None
        wanted = {
            "bucket": self.names["bucket"],
            "key_prefix": options.key_prefix,
            "is_multi_region": True,
            "global_events": True,
            "is_organization": options.organization,
            "validation": True,
            "key": KEY_ARN if self.has_key else "",
            "topic": self.names["topic"] if options.notifier == "cloudtrail" else "",
            "selectors": events.selectors(
                options.management_events, options.exclude_event_sources, options.data_events, self.bucket_arn
            ),
            "logging": True,
        }
        return Trail("trail", self.names["trail"], self.place, wanted)

    def role(self) -> Role | None:
        options = self.options
        if not options.reader:
            return None
        queues = [self.queue_arn, self.dead_letter_arn]
        wanted = {
            "trust": grants.reader_trust(options.reader, options.external_id, options.reader_networks),
            "permissions": grants.reader_permissions(self.bucket_arn, queues, self.has_key),
        }
        return Role("role", self.names["role"], self.place, wanted)

