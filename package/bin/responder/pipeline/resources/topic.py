"""The SNS topic that new files are published to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .. import documents, tagging
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

_ABSENT = ("NotFound", "NotFoundException")


@dataclass(frozen=True)
class Topic(Resource):
    """``wanted``: policy, encryption (a key's ARN; empty: none)."""

    kind: ClassVar[str] = "SNS topic"

    @property
    def arn(self) -> str:
        return self.place.arn("sns", self.name)

    def read(self, calls: Calls, known: Known) -> Found | None:
        answer = calls.read_if(_ABSENT, "sns", "get_topic_attributes", TopicArn=self.arn)
        if answer is None:
            return None
        attributes = answer["Attributes"]
        tags = calls.read("sns", "list_tags_for_resource", ResourceArn=self.arn)["Tags"]
        state = {
            "policy": documents.read(attributes.get("Policy")),
            "encryption": attributes.get("KmsMasterKeyId") or "",
        }
        return Found(self.arn, state, tagging.mapped(tags))

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        attributes = {"Policy": json.dumps(self.wanted["policy"])}
        if self.wanted["encryption"]:
            attributes["KmsMasterKeyId"] = self.wanted["encryption"]
        calls.write("sns", "create_topic", Name=self.name, Attributes=attributes, Tags=tagging.listed(tags))

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        if setting == "policy":
            self._put(calls, "Policy", json.dumps(documents.merged(found.state["policy"], self.wanted["policy"])))
        else:
            self._put(calls, "KmsMasterKeyId", self.wanted["encryption"])

    def _put(self, calls: Calls, name: str, value: str) -> None:
        calls.write("sns", "set_topic_attributes", TopicArn=self.arn, AttributeName=name, AttributeValue=value)

    def withdraw(self, calls: Calls, found: Found, setting: str) -> None:
        rest = documents.without(found.state["policy"], self.wanted["policy"])
        if setting == "policy" and rest:
            self._put(calls, "Policy", json.dumps(rest))

    def delete(self, calls: Calls, found: Found) -> None:
        calls.write("sns", "delete_topic", _ABSENT, TopicArn=self.arn)

    def cloudformation(self) -> Sequence[Template]:
        body = {"TopicName": self.name, "Tags": "<tags>"}
        if self.wanted["encryption"]:
            body["KmsMasterKeyId"] = self.wanted["encryption"]
        policy = {"Topics": [{"Ref": "Topic"}], "PolicyDocument": self.wanted["policy"]}
        return (
            Template("Topic", "AWS::SNS::Topic", body),
            Template("TopicPolicy", "AWS::SNS::TopicPolicy", policy),
        )

    def terraform(self) -> Sequence[Template]:
        body = {"name": self.name, "tags": "<tags>"}
        if self.wanted["encryption"]:
            body["kms_master_key_id"] = self.wanted["encryption"]
        policy = {"arn": {"ref": "aws_sns_topic.topic.arn"}, "policy": {"jsonencode": self.wanted["policy"]}}
        return (
            Template("topic", "aws_sns_topic", body),
            Template("topic", "aws_sns_topic_policy", policy),
        )
