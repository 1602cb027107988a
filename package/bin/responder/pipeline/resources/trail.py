"""The CloudTrail trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ... import arn as arn_names
from ...errors import Rejected, one_line
from .. import tagging
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

#: Settings that are one parameter each: ours, CloudTrail's, what it answers them as.
_FIELDS = {
    "bucket": ("S3BucketName", "S3BucketName"),
    "key_prefix": ("S3KeyPrefix", "S3KeyPrefix"),
    "is_multi_region": ("IsMultiRegionTrail", "IsMultiRegionTrail"),
    "global_events": ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    "is_organization": ("IsOrganizationTrail", "IsOrganizationTrail"),
    "validation": ("EnableLogFileValidation", "LogFileValidationEnabled"),
    "key": ("KmsKeyId", "KmsKeyId"),
    "topic": ("SnsTopicName", "SnsTopicName"),
}
_TERRAFORM = {
    "bucket": "s3_bucket_name",
    "key_prefix": "s3_key_prefix",
    "is_multi_region": "is_multi_region_trail",
    "global_events": "include_global_service_events",
    "is_organization": "is_organization_trail",
    "validation": "enable_log_file_validation",
    "key": "kms_key_id",
    "topic": "sns_topic_name",
}
#: CloudTrail's names of what a selector compares by, and Terraform's.
_COMPARED = {
    name: "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    for name in ("Equals", "NotEquals", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith")
}


@dataclass(frozen=True)
class Trail(Resource):
    """``wanted``: as in ``_FIELDS`` (empty texts are not set), selectors, logging."""

    kind: ClassVar[str] = "CloudTrail trail"

    @property
    def arn(self) -> str:
        return self.place.arn("cloudtrail", f"trail/{self.name}")

    def read(self, calls: Calls, known: Known) -> Found | None:
        answer = calls.read_if(("TrailNotFoundException",), "cloudtrail", "get_trail", Name=self.name)
        if answer is None:
            return None
        trail = answer["Trail"]
        if trail["TrailARN"] != self.arn:
            raise Rejected(
                f"Trail {self.name} is {one_line(trail['TrailARN'])} and only seen from here.",
                "Choose another name (names: trail), or provision where the trail is at home.",
            )
        chosen = calls.read("cloudtrail", "get_event_selectors", TrailName=self.arn)
        status = calls.read("cloudtrail", "get_trail_status", Name=self.arn)
        listed = calls.read("cloudtrail", "list_tags", ResourceIdList=[self.arn])["ResourceTagList"]
        state = {name: _plain(trail.get(theirs)) for name, (_, theirs) in _FIELDS.items()}
        # The name of the topic is a field that CloudTrail no longer fills.
        state["topic"] = arn_names.name_of(trail.get("SnsTopicARN") or state["topic"])
        state["selectors"] = _selectors(chosen)
        state["logging"] = bool(status.get("IsLogging"))
        tags = [tag for one in listed for tag in one.get("TagsList") or ()]
        return Found(self.arn, state, tagging.mapped(tags), whole={"status": status})

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        fields = {theirs: self.wanted[name] for name, (theirs, _) in _FIELDS.items() if self.wanted[name] != ""}
        calls.write("cloudtrail", "create_trail", Name=self.name, **fields, TagsList=tagging.listed(tags))

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        if setting == "selectors":
            chosen = self.wanted["selectors"]
            calls.write("cloudtrail", "put_event_selectors", TrailName=self.arn, AdvancedEventSelectors=chosen)
        elif setting == "logging":
            calls.write("cloudtrail", "start_logging", Name=self.arn)
        else:
            fields = {_FIELDS[setting][0]: self.wanted[setting]}
            calls.write("cloudtrail", "update_trail", Name=self.arn, **fields)

    def delete(self, calls: Calls, found: Found) -> None:
        """By its name: in this region, that is this trail."""
        calls.write("cloudtrail", "delete_trail", ("TrailNotFoundException",), Name=self.name)

    def health(self, calls: Calls, found: Found) -> list[str]:
        status, lines = found.whole["status"], []
        for what, name in (("deliver files", "LatestDeliveryError"), ("notify", "LatestNotificationError")):
            if status.get(name):
                lines.append(f"CloudTrail cannot {what}: {one_line(status[name])[:200]}.")
        if status.get("LatestDigestDeliveryError"):
            lines.append(f"CloudTrail cannot deliver digests: {one_line(status['LatestDigestDeliveryError'])[:200]}.")
        return lines

    def cloudformation(self) -> Sequence[Template]:
        body = {"TrailName": self.name, "IsLogging": self.wanted["logging"], "Tags": "<tags>"}
        for name, (theirs, _) in _FIELDS.items():
            if self.wanted[name] != "":
                # CloudFormation spells one of them otherwise than CloudTrail does.
                body["KMSKeyId" if name == "key" else theirs] = self.wanted[name]
        body["AdvancedEventSelectors"] = self.wanted["selectors"]
        after = ("BucketPolicy", *(("TopicPolicy",) if self.wanted["topic"] else ()))
        return (Template("Trail", "AWS::CloudTrail::Trail", body, after),)

    def terraform(self) -> Sequence[Template]:
        body: dict[str, Any] = {"name": self.name, "enable_logging": self.wanted["logging"], "tags": "<tags>"}
        for name, theirs in _TERRAFORM.items():
            if self.wanted[name] != "":
                body[theirs] = self.wanted[name]
        body["advanced_event_selector"] = [
            {
                "name": selector["Name"],
                "field_selector": [
                    {_COMPARED.get(name, "field"): value for name, value in one.items()}
                    for one in selector["FieldSelectors"]
                ],
            }
            for selector in self.wanted["selectors"]
        ]
        after = ("aws_s3_bucket_policy.bucket", *(("aws_sns_topic_policy.topic",) if self.wanted["topic"] else ()))
        return (Template("trail", "aws_cloudtrail", body, after),)


def _plain(value: Any) -> Any:
    """CloudTrail leaves out what is not set; flags are always there."""
    return "" if value is None else value


def _selectors(chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Advanced ones as we write them; basic ones as they are, which differ from any of ours."""
    found = [
        {"Name": one.get("Name") or "", "FieldSelectors": [_without_empty(each) for each in one["FieldSelectors"]]}
        for one in chosen.get("AdvancedEventSelectors") or ()
    ]
    return found or [dict(one) for one in chosen.get("EventSelectors") or ()]


def _without_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value}
