"""What the bucket notifies of new files: our topic, or EventBridge. Other notifications of the bucket stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..calls import Calls
from ..resource import Found, Known, Resource, Template

ID = "cloudtrail-responder"
SUFFIX = ".json.gz"


@dataclass(frozen=True)
class Notification(Resource):
    """``wanted``: topic (topic, events, prefix, suffix), or eventbridge (true). ``name``: the bucket's."""

    kind: ClassVar[str] = "notifications of bucket"
    host: ClassVar[str] = "bucket"
    alters_host: ClassVar[bool] = True

    @property
    def _of(self) -> dict[str, Any]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self.place.account}

    def read(self, calls: Calls, known: Known) -> Found | None:
        whole = self._whole(calls)
        if "eventbridge" in self.wanted:
            is_on = "EventBridgeConfiguration" in whole
            return Found(self.place.bucket_arn(self.name), {"eventbridge": True}, whole=whole) if is_on else None
        ours = next((one for one in whole.get("TopicConfigurations") or () if self._is_ours(one)), None)
        state = {"topic": _plain(ours)} if ours else {}
        return Found(self.place.bucket_arn(self.name), state, whole=whole) if ours else None

    def _whole(self, calls: Calls) -> dict[str, Any]:
        answer = calls.read_if(("NoSuchBucket",), "s3", "get_bucket_notification_configuration", **self._of)
        return dict(answer or {})

    def _is_ours(self, one: Mapping[str, Any]) -> bool:
        """By its ID; and one to the same topic, whatever it is called: S3 takes no two that overlap."""
        return one.get("Id") == ID or one.get("TopicArn") == self.wanted["topic"]["topic"]

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        """S3 sends a test message to the topic when it takes it."""
        whole = self._whole(calls)
        if "eventbridge" in self.wanted:
            whole["EventBridgeConfiguration"] = {}
        else:
            others = [one for one in whole.get("TopicConfigurations") or () if not self._is_ours(one)]
            whole["TopicConfigurations"] = [*others, self._configuration()]
        self._put(calls, whole)

    def _configuration(self) -> dict[str, Any]:
        wanted = self.wanted["topic"]
        rules = [{"Name": "prefix", "Value": wanted["prefix"]}, {"Name": "suffix", "Value": wanted["suffix"]}]
        filters = {"Filter": {"Key": {"FilterRules": rules}}}
        return {"Id": ID, "TopicArn": wanted["topic"], "Events": wanted["events"], **filters}

    def _put(self, calls: Calls, whole: Mapping[str, Any]) -> None:
        calls.write("s3", "put_bucket_notification_configuration", **self._of, NotificationConfiguration=whole)

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        self.create(calls, {})

    def delete(self, calls: Calls, found: Found) -> None:
        whole = self._whole(calls)
        if "eventbridge" in self.wanted:
            whole.pop("EventBridgeConfiguration", None)
        else:
            left = [one for one in whole.get("TopicConfigurations") or () if not self._is_ours(one)]
            whole["TopicConfigurations"] = left
        self._put(calls, whole)

    def cloudformation(self) -> Sequence[Template]:
        """A part of the bucket there: what this adds to it."""
        if "eventbridge" in self.wanted:
            return (Template("Bucket", "", {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}),)
        wanted = self.wanted["topic"]
        rules = [{"Name": "prefix", "Value": wanted["prefix"]}, {"Name": "suffix", "Value": wanted["suffix"]}]
        topics = [
            {"Topic": wanted["topic"], "Event": event, "Filter": {"S3Key": {"Rules": rules}}}
            for event in wanted["events"]
        ]
        return (Template("Bucket", "", {"TopicConfigurations": topics}, after=("TopicPolicy",)),)

    def terraform(self) -> Sequence[Template]:
        body: dict[str, Any] = {"bucket": {"ref": "aws_s3_bucket.bucket.id"}}
        if "eventbridge" in self.wanted:
            return (Template("bucket", "aws_s3_bucket_notification", {**body, "eventbridge": True}),)
        wanted = self.wanted["topic"]
        names = {"topic_arn": "topic", "events": "events", "filter_prefix": "prefix", "filter_suffix": "suffix"}
        body["topic"] = [{"id": ID, **{theirs: wanted[ours] for theirs, ours in names.items()}}]
        return (Template("bucket", "aws_s3_bucket_notification", body, after=("aws_sns_topic_policy.topic",)),)


def _plain(one: Mapping[str, Any]) -> dict[str, Any]:
    rules = ((one.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    values = {str(rule["Name"]).lower(): rule["Value"] for rule in rules}
    return {
        "topic": one.get("TopicArn"),
        "events": one.get("Events"),
        "prefix": values.get("prefix", ""),
        "suffix": values.get("suffix", ""),
    }
