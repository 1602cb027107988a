"""AWS Systems Manager Automation: an execution of a runbook, known by a tag that only it has.

Source: Systems Manager API Reference, ``StartAutomationExecution`` (``ClientToken``, a UUID, makes it idempotent; tags
are added with it) and ``DescribeAutomationExecutions`` (filter ``TagKey``). The message is a template with a line for
each of the runbook's parameters, ``Name = text``; values have 512 characters at most.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError, Curable
from ...settings.dispatch_target import TAB, TEMPLATE, DispatchTarget
from .base import Call, Dispatcher, Message, Sent, shown

if TYPE_CHECKING:
    from ..client import Aws

#: What the key of the tag begins with; the message's id follows.
TAG = "cloudtrail_responder/"
#: Characters of a parameter's value.
MAX_VALUE = 512
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,49})\s*=\s*(.*)")
_GONE = "Create the runbook, or correct 'ARN' on the Dispatch tab."


class Runbook(Dispatcher):
    """An Automation runbook: the account's own, a shared one, or one of Amazon's."""

    type = "ssm_automation"
    label = "Systems Manager Automation runbook"
    service = "ssm"
    arn_service = "ssm"
    resource = r"(document|automation-definition)/[A-Za-z0-9_.-]{3,128}(:(\$DEFAULT|\$LATEST|[1-9][0-9]{0,8}))?"
    example = "arn:aws:ssm:eu-central-1::document/AWS-StopEC2Instance"
    grants = (
        ("ssm:StartAutomationExecution", "{runbook}"),
        ("ssm:AddTagsToResource", "{executions}"),
    )
    looks = (("ssm:DescribeAutomationExecutions", "*"), ("ssm:DescribeDocument", "{document}"))
    every = "*"
    messages = (TEMPLATE,)
    runs = can_remediate = can_look_up = True
    succeeded = ("Success", "CompletedWithSuccess")
    running = (
        "Pending", "InProgress", "Waiting", "Cancelling", "PendingApproval", "Approved", "Scheduled",
        "RunbookInProgress", "PendingChangeCalendarOverride", "ChangeCalendarOverrideApproved",
    )  # fmt: skip
    cures = {
        "AutomationDefinitionNotFoundException": _GONE,
        "AutomationDefinitionVersionNotFoundException": "Name a version that exists at the end of 'ARN'.",
        "AutomationExecutionLimitExceededException": "Too many automations run: stop some, or have the quota raised.",
        "InvalidAutomationExecutionParametersException": "Compare the template's lines with the runbook's parameters.",
        "InvalidTarget": "Compare the template's lines with the runbook's parameters.",
        "InvalidDocument": _GONE,
    }
    later = ("InternalServerError",)

    def check(self, target: DispatchTarget) -> None:
        super().check(target)
        self.template(target)

    def template(self, target: DispatchTarget) -> Mapping[str, Any]:
        found: dict[str, str] = {}
        for line in filter(str.strip, target.template.splitlines()):
            match = _LINE.fullmatch(line.strip())
            if match is None or match[1] in found:
                said = shown(line)[:60]
                raise ConfigurationError(
                    f"{target.where}: '{said}' is not a parameter of its own, as in InstanceId = {{object_id}}.",
                    f"Correct 'Template' on the {TAB} tab: one line for each parameter of the runbook.",
                )
            found[match[1]] = match[2]
        return found

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        name, version = _runbook(target, aws.account.account_id)
        assert not isinstance(message.body, str), "made of lines"
        given = {name: [str(value)] for name, value in dict(message.body).items() if value}
        too_long = next((name for name, (value,) in given.items() if len(value) > MAX_VALUE), "")
        if too_long:
            raise Curable(
                f"{target.where}: the value of {too_long} is longer than {MAX_VALUE} characters.",
                f"Use a shorter field in 'Template' on the {TAB} tab.",
            )
        return Call(
            "start_automation_execution",
            {
                "DocumentName": name,
                **({"DocumentVersion": version} if version else {}),
                **({"Parameters": given} if given else {}),
                "ClientToken": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{target.arn} {message.id}")),
                "Tags": [{"Key": f"{TAG}{message.id}", "Value": message.case}],
            },
        )

    def id_in(self, parameters: Mapping[str, Any]) -> str:
        return next(str(one["Key"]).removeprefix(TAG) for one in parameters["Tags"])

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        return Sent(str(answer["AutomationExecutionId"]))

    def find(self, aws: Aws, target: DispatchTarget, message_id: str) -> Sent | None:
        filters = [{"Key": "TagKey", "Values": [f"{TAG}{message_id}"]}]
        found = aws.read("ssm", "describe_automation_executions", target.region, Filters=filters)
        for one in found["AutomationExecutionMetadataList"]:
            said = one.get("FailureMessage") or ""
            return Sent(str(one["AutomationExecutionId"]), shown(str(said)), str(one["AutomationExecutionStatus"]))
        return None

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        name, version = _runbook(target, aws.account.account_id)
        asked = {"Name": name, **({"DocumentVersion": version} if version else {})}
        found = aws.read("ssm", "describe_document", target.region, **asked)["Document"]
        if found.get("DocumentType") not in (None, "Automation"):
            raise ConfigurationError(
                f"{target.where}: the document is of type {shown(str(found['DocumentType']))}, no Automation runbook.",
                f"Correct 'ARN' on the {TAB} tab.",
            )
        return f"The runbook is there ({shown(str(found.get('Status') or 'Active')).lower()})."

    def granted(self, target: DispatchTarget) -> tuple[tuple[str, str], ...]:
        prefix, account = ":".join(target.arn.split(":")[:4]), target.parsed.account
        bare = target.parsed.resource.partition("/")[2].partition(":")[0]
        filled = {
            "{runbook}": f"{prefix}:{account}:automation-definition/{bare}:*",
            "{document}": f"{prefix}:{account}:document/{bare}",
            "{executions}": f"{prefix}:*:automation-execution/*",
        }
        found = super().granted(target)
        return tuple((action, filled.get(resource, resource)) for action, resource in found)


def _runbook(target: DispatchTarget, own_account: str) -> tuple[str, str]:
    """Name and version as the API takes them: another account's runbook goes by its ARN."""
    named, version = target.arn, ""
    if target.parsed.resource.count(":"):
        named, _, version = target.arn.rpartition(":")
    is_ours = target.parsed.account in ("", own_account)
    return named.rpartition("/")[2] if is_ours else named, version


DISPATCHER = Runbook()
