"""The KMS key by which files, messages and notifications are encrypted, and its alias."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...errors import Rejected
from .. import documents, tagging
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

#: Days until a key is deleted: the longest that AWS takes, since what it has encrypted is then lost.
WINDOW = 30
_GONE = ("PendingDeletion", "PendingReplicaDeletion")


@dataclass(frozen=True)
class Key(Resource):
    """``wanted``: policy, rotation, alias (the name of the resource)."""

    kind: ClassVar[str] = "KMS key"
    stays_with_data: ClassVar[bool] = True
    after_deletion: ClassVar[str] = f"AWS deletes it in {WINDOW} days; until then that can be canceled."

    def read(self, calls: Calls, known: Known) -> Found | None:
        for name in (self.name, known.id):
            described = calls.read_if(("NotFoundException",), "kms", "describe_key", KeyId=name) if name else None
            if described is not None:
                return self._found(calls, described["KeyMetadata"], name == self.name)
        return self._unnamed(calls, known.tags) if known.is_interrupted else None

    def _unnamed(self, calls: Calls, tags: Mapping[str, str]) -> Found | None:
        """One that a run has made and that stopped before anything knew its ID: only its tags tell."""
        marker: dict[str, str] = {}
        while True:
            page = calls.read("kms", "list_keys", Limit=1000, **marker)
            for each in page["Keys"]:
                if tags.items() <= self._tags(calls, each["KeyId"]).items():
                    metadata = calls.read("kms", "describe_key", KeyId=each["KeyId"])["KeyMetadata"]
                    found = self._found(calls, metadata, is_named=False)
                    if found is not None:
                        return found
            if not page.get("Truncated"):
                return None
            marker = {"Marker": page["NextMarker"]}

    def _found(self, calls: Calls, metadata: Mapping[str, Any], is_named: bool) -> Found | None:
        arn = str(metadata["Arn"])
        if metadata.get("KeyState") in _GONE:
            if is_named:
                raise Rejected(
                    f"{self.name} is the alias of key {arn}, which is about to be deleted.",
                    "Cancel its deletion, or delete the alias.",
                )
            return None
        usable = metadata.get("KeyManager", "CUSTOMER") == "CUSTOMER"
        if not usable or metadata.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
            raise Rejected(
                f"{self.name} is the alias of key {arn}, which services cannot encrypt with for each other.",
                "Name the alias of a symmetric key of your own.",
            )
        policy = calls.read("kms", "get_key_policy", KeyId=arn, PolicyName="default")["Policy"]
        rotation = calls.read("kms", "get_key_rotation_status", KeyId=arn)["KeyRotationEnabled"]
        state = {"policy": documents.read(policy), "rotation": bool(rotation), "alias": self.name if is_named else None}
        return Found(arn, state, self._tags(calls, arn), whole={"state": metadata.get("KeyState")})

    def _tags(self, calls: Calls, key: str) -> dict[str, str]:
        answer = calls.read_or_empty(("AccessDeniedException",), "kms", "list_resource_tags", KeyId=key)
        return tagging.mapped(answer.get("Tags"), "TagKey", "TagValue")

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        calls.write(
            "kms",
            "create_key",
            Description="CloudTrail files, and messages about them",
            Policy=json.dumps(self.wanted["policy"]),
            Tags=tagging.listed(tags, "TagKey", "TagValue"),
        )

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        if setting == "policy":
            policy = documents.merged(found.state["policy"], self.wanted["policy"])
            calls.write("kms", "put_key_policy", KeyId=found.id, PolicyName="default", Policy=json.dumps(policy))
        elif setting == "rotation":
            calls.write("kms", "enable_key_rotation", KeyId=found.id)
        else:
            calls.write("kms", "create_alias", AliasName=self.name, TargetKeyId=found.id)

    def withdraw(self, calls: Calls, found: Found, setting: str) -> None:
        """What CloudTrail and the senders were let in for stays: files that are kept need it to be read."""

    def delete(self, calls: Calls, found: Found) -> None:
        # In this order: an alias of a key that is about to be deleted would be in the way of the next one.
        if found.state["alias"]:
            calls.write("kms", "delete_alias", ("NotFoundException",), AliasName=self.name)
        calls.write("kms", "schedule_key_deletion", KeyId=found.id.rpartition("/")[2], PendingWindowInDays=WINDOW)

    def health(self, calls: Calls, found: Found) -> list[str]:
        state = found.whole.get("state")
        return [] if state in (None, "Enabled") else [f"The key is {state}: nothing can be encrypted or read with it."]

    def cloudformation(self) -> Sequence[Template]:
        key = {"KeyPolicy": self.wanted["policy"], "EnableKeyRotation": self.wanted["rotation"], "Tags": "<tags>"}
        alias = {"AliasName": self.name, "TargetKeyId": {"Ref": "Key"}}
        return (
            Template("Key", "AWS::KMS::Key", {"Description": _ABOUT, **key}, is_kept=True),
            Template("KeyAlias", "AWS::KMS::Alias", alias, is_kept=True),
        )

    def terraform(self) -> Sequence[Template]:
        key = {
            "description": _ABOUT,
            "policy": {"jsonencode": self.wanted["policy"]},
            "enable_key_rotation": self.wanted["rotation"],
            "deletion_window_in_days": WINDOW,
            "tags": "<tags>",
        }
        alias = {"name": self.name, "target_key_id": {"ref": "aws_kms_key.key.key_id"}}
        return (
            Template("key", "aws_kms_key", key, is_kept=True),
            Template("key", "aws_kms_alias", alias),
        )


_ABOUT = "CloudTrail files, and messages about them"
