"""What a dispatcher is: one AWS service that takes a message. One file each, which declares ``DISPATCHER``.

A dispatcher says which ARNs are its own, which call sends a message, what the answer says, and, where the service can
tell, how a message that was sent without an answer is looked up. Pacing, notes, failures and what is sent again are the
same for all: ``client.py`` and ``handlers/dispatch.py``. Nothing here loads botocore: the build reads these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from ...documents.document import clean
from ...errors import ConfigurationError, Curable
from ...settings.dispatch_target import CLOUDEVENTS, MESSAGES, ROW, TAB, TEMPLATE, DispatchTarget

if TYPE_CHECKING:
    from ..client import Aws

__all__ = ["CLOUDEVENTS", "LIMIT", "MESSAGES", "ROW", "TAB", "TEMPLATE", "Call", "Dispatcher", "Message", "Sent"]
#: Bytes of a message; what most of the services take (SNS, SQS, EventBridge, Step Functions: 256 KB).
LIMIT = 256 * 1024
#: Bytes of these for attributes and whatever else goes along.
BESIDE = 2 * 1024
#: Of what is no CloudEvents envelope: by which a receiver knows a message again.
ID_FIELD = "dispatch_id"
#: The longest answer that is kept, in characters.
LONGEST_ANSWER = 400


@dataclass(frozen=True)
class Message:
    """What a target is sent. Every text in it may be an attacker's, but none in ``attributes``."""

    #: The same whenever this message is sent again, and no other message's: letters, digits and hyphens, 80 at most.
    id: str
    #: Id of the case.
    case: str
    #: A JSON object; or a text.
    body: Mapping[str, Any] | str
    #: Names and values that the service may filter by; all of a known form.
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else json.dumps(self.body, separators=(",", ":"))

    @property
    def object(self) -> Mapping[str, Any]:
        """For services that take nothing but JSON; the id stands in it, whatever the body."""
        if isinstance(self.body, str):
            return {"message": self.body, ID_FIELD: self.id}
        is_named = self.body.get("id") == self.id and ID_FIELD not in self.body
        return self.body if is_named else {**self.body, ID_FIELD: self.id}


@dataclass(frozen=True)
class Call:
    """One call, as ``Aws.write`` takes it."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message that the service has taken."""

    #: The service's own id of it.
    service_id: str = ""
    #: What was answered, in a line; empty where nothing is.
    answer: str = ""
    #: Of what runs: its status, in the service's words; empty where the service does not say.
    status: str = ""


class Dispatcher:
    """One service. Made once; safe to share between threads."""

    #: As it is stored, in lower case; and as the setup page shows it.
    type: ClassVar[str]
    label: ClassVar[str]
    #: boto3's name of the service.
    service: ClassVar[str]
    #: Service of its ARNs, what their resource looks like, and an example of the latter.
    arn_service: ClassVar[str]
    resource: ClassVar[str]
    example: ClassVar[str]
    #: IAM actions, each with the resource that it can be narrowed to: ``{arn}`` is the target's own.
    grants: ClassVar[tuple[tuple[str, str], ...]]
    #: Those that only look: in the health check, and after a lost answer.
    looks: ClassVar[tuple[tuple[str, str], ...]] = ()
    #: Every resource of the kind, for the policy in docs.
    every: ClassVar[str]
    messages: ClassVar[tuple[str, ...]] = MESSAGES
    #: Whether a message starts something that may change an account: then the kill switch holds it, too.
    runs: ClassVar[bool] = False
    #: Whether it can be waited for, and whether it can be a remediation: both need an answer or a status.
    can_wait: ClassVar[bool] = False
    can_remediate: ClassVar[bool] = False
    #: Of what runs: statuses that say that it has succeeded, and that it still runs. Any other is a failure.
    succeeded: ClassVar[tuple[str, ...]] = ()
    running: ClassVar[tuple[str, ...]] = ()
    #: Whether the service can tell later whether it has got a message.
    can_look_up: ClassVar[bool] = False
    #: Bytes of a message.
    limit: ClassVar[int] = LIMIT - BESIDE
    #: Error codes that mean that the service has got the message before.
    already: ClassVar[tuple[str, ...]] = ()
    #: Error codes that a person can cure, each with what to do.
    cures: ClassVar[Mapping[str, str]] = {}
    #: Error codes by which the service says that it is busy or being changed: it is sent again.
    later: ClassVar[tuple[str, ...]] = ()

    def check(self, target: DispatchTarget) -> None:
        """Raises ConfigurationError where this service cannot be used with the target's settings."""
        parsed = target.parsed
        if parsed.service != self.arn_service or not re.fullmatch(self.resource, parsed.resource):
            raise ConfigurationError(
                f"{target.where}: '{target.arn[:120]}' is not the ARN of {self.label}.",
                f"It looks like {self.example}. Correct 'ARN' or 'Type' on the {TAB} tab.",
            )
        if target.message not in self.messages:
            raise ConfigurationError(
                f"{target.where}: {self.label} takes no message of this kind.",
                f"Choose one of {', '.join(self.messages)} as 'Message' on the {TAB} tab.",
            )
        if target.is_remediation and target.message == ROW:
            raise ConfigurationError(
                f"{target.where}: the fields of a result are not proved, so no remediation gets them.",
                f"Choose 'CloudEvents' or 'Template' as 'Message' on the {TAB} tab.",
            )
        if target.waits and not self.can_wait:
            raise ConfigurationError(
                f"{target.where}: {self.label} gives no answer to wait for.",
                f"Clear 'Wait for the answer' on the {TAB} tab.",
            )
        if target.is_remediation and not self.can_remediate:
            raise ConfigurationError(
                f"{target.where}: {self.label} does not tell what became of a message, so it is no remediation.",
                f"Clear 'Remediation' on the {TAB} tab, or choose Lambda, Step Functions or Systems Manager.",
            )

    def check_size(self, target: DispatchTarget, message: Message) -> None:
        """Raises Curable where the service takes no message that long."""
        size = len(message.text.encode("utf-8", "replace"))
        if size > self.limit:
            raise Curable(
                f"{target.where}: the message has {size:,} bytes, and {self.label} takes {self.limit:,}.",
                f"Choose 'CloudEvents', which is shortened, or a template as 'Message' on the {TAB} tab, or return "
                "fewer fields from the search.",
            )

    def template(self, target: DispatchTarget) -> Mapping[str, Any] | str:
        """The template, before any value is in it: a JSON object where it is one, so that no value can break it."""
        try:
            found = json.loads(target.template)
        except (ValueError, RecursionError):
            return target.template
        return found if isinstance(found, dict) else target.template

    def again(self, target: DispatchTarget) -> DispatchTarget:
        """The target as it is called after an answer was lost, where nothing can be looked up."""
        return target

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        """What sends the message. It may read, but changes nothing."""
        raise NotImplementedError

    def id_in(self, parameters: Mapping[str, Any]) -> str:
        """The id of the message that a call sends, where ``can_remediate``: from where it stands, and nowhere else."""
        raise NotImplementedError

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        """What the answer says. Raises a ResponderError where nothing was taken, although the call succeeded."""
        return Sent()

    def find(self, aws: Aws, target: DispatchTarget, message_id: str) -> Sent | None:
        """What became of a message, where ``can_look_up``; None where the service has not got it."""
        raise NotImplementedError

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        """A sentence: that the target is there. Reads only. Raises as a read."""
        raise NotImplementedError

    def granted(self, target: DispatchTarget) -> tuple[tuple[str, str], ...]:
        """IAM actions and resources for this target and no other."""
        every = (*self.grants, *self.looks)
        return tuple((action, resource.replace("{arn}", target.arn)) for action, resource in every)


def shown(text: str) -> str:
    """What a service or somebody's function has answered, for people: one line, of a bounded length."""
    return clean(" ".join(text.split()))[:LONGEST_ANSWER]
