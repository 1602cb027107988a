"""The role by which a reader of another account reads the queue and the files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .. import documents, tagging
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

#: By which the right to make such roles is narrow: no others lie there.
PATH = "/cloudtrail-responder/"
POLICY = "read-cloudtrail"
_ABOUT = "Reads CloudTrail's files and the queue that tells of them"


@dataclass(frozen=True)
class Role(Resource):
    """``wanted``: trust, permissions."""

    kind: ClassVar[str] = "IAM role"

    def read(self, calls: Calls, known: Known) -> Found | None:
        answer = calls.read_if(("NoSuchEntity",), "iam", "get_role", RoleName=self.name)
        if answer is None:
            return None
        role, of = answer["Role"], {"RoleName": self.name, "PolicyName": POLICY}
        inline = calls.read_or_empty(("NoSuchEntity",), "iam", "get_role_policy", **of)
        state = {
            "trust": documents.read(role.get("AssumeRolePolicyDocument")),
            "permissions": documents.read(inline.get("PolicyDocument")) or None,
        }
        return Found(str(role["Arn"]), state, tagging.mapped(role.get("Tags")))

    @staticmethod
    def is_same(now: object, wanted: object) -> bool:
        """A role is its reader's alone: what else it lets in, or is let do, differs."""
        theirs, ours = (
            sorted(documents.meaning(one) for one in documents.statements(documents.read(each)))
            for each in (now, wanted)
        )
        return theirs == ours

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        calls.write(
            "iam",
            "create_role",
            Path=PATH,
            RoleName=self.name,
            Description=_ABOUT,
            AssumeRolePolicyDocument=json.dumps(self.wanted["trust"]),
            Tags=tagging.listed(tags),
        )

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        text = json.dumps(self.wanted[setting])
        if setting == "trust":
            calls.write("iam", "update_assume_role_policy", RoleName=self.name, PolicyDocument=text)
        else:
            calls.write("iam", "put_role_policy", RoleName=self.name, PolicyName=POLICY, PolicyDocument=text)

    def delete(self, calls: Calls, found: Found) -> None:
        gone = ("NoSuchEntity",)
        if found.state["permissions"] is not None:
            calls.write("iam", "delete_role_policy", gone, RoleName=self.name, PolicyName=POLICY)
        calls.write("iam", "delete_role", gone, RoleName=self.name)

    def cloudformation(self) -> Sequence[Template]:
        body = {
            "RoleName": self.name,
            "Path": PATH,
            "Description": _ABOUT,
            "AssumeRolePolicyDocument": self.wanted["trust"],
            "Policies": [{"PolicyName": POLICY, "PolicyDocument": self.wanted["permissions"]}],
            "Tags": "<tags>",
        }
        return (Template("ReaderRole", "AWS::IAM::Role", body),)

    def terraform(self) -> Sequence[Template]:
        role = {
            "name": self.name,
            "path": PATH,
            "description": _ABOUT,
            "assume_role_policy": {"jsonencode": self.wanted["trust"]},
            "tags": "<tags>",
        }
        policy = {
            "name": POLICY,
            "role": {"ref": "aws_iam_role.reader.id"},
            "policy": {"jsonencode": self.wanted["permissions"]},
        }
        return (Template("reader", "aws_iam_role", role), Template("reader", "aws_iam_role_policy", policy))
