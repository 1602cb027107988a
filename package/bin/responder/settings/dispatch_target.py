"""Entries of the Dispatch tab: where in AWS the alert action ``Dispatch to AWS`` may send findings.

An alert names one of them and nothing else, so its owner reaches what an administrator has named and no other ARN.
Which types there are, and what each takes, the package ``aws.dispatch`` knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..arn import PARTITIONS, Arn, is_region, parse
from ..errors import ConfigurationError, one_line
from .parsing import StanzaReader

TAB = "Dispatch"
#: What a message is: a CloudEvents envelope, the result's own fields, or a text of the administrator's.
CLOUDEVENTS, ROW, TEMPLATE = MESSAGES = ("cloudevents", "row", "template")
#: A name becomes a part of keys, addresses and ids of playbooks.
NAME = r"[A-Za-z][A-Za-z0-9_-]{0,49}"
#: Characters.
LONGEST_ARN, LONGEST_TEMPLATE = 1_600, 8_000


@dataclass(frozen=True)
class DispatchTarget:
    """One place in AWS to send findings to (table ``dispatch``)."""

    name: str
    #: As in ``Dispatcher.type``; whether there is such a type is checked by the registry of dispatchers.
    type: str
    #: Name of the entry on the AWS accounts tab whose credentials are used.
    aws_account: str
    arn: str
    #: One of ``MESSAGES``.
    message: str = CLOUDEVENTS
    template: str = ""
    #: Whether the answer is waited for, where the type gives one.
    waits: bool = False
    #: Whether it changes something on purpose: then it is a playbook, and no alert can dispatch to it.
    is_remediation: bool = False
    #: Of a remediation: name of the target that takes it back; empty where a person has to.
    undo_target: str = ""

    @property
    def parsed(self) -> Arn:
        found = parse(self.arn)
        assert found is not None, "checked when it was read"
        return found

    @property
    def region(self) -> str:
        return self.parsed.region

    @property
    def where(self) -> str:
        """How an error names it."""
        return f"Dispatch target '{self.name}'"

    @classmethod
    def from_conf(cls, name: str, stanza: Mapping[str, str]) -> DispatchTarget:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        read = StanzaReader(stanza, f"Dispatch target '{name}'", TAB)
        account, template = read.text("aws_account"), stanza.get("template") or ""
        message = read.choice("message", "Message", MESSAGES, CLOUDEVENTS)
        if not account:
            raise ConfigurationError(f"{read.where}: no AWS account is chosen.", f"Enter 'AWS account' {_HERE}.")
        if message == TEMPLATE and not template.strip():
            raise ConfigurationError(f"{read.where}: the template is empty.", f"Enter 'Template' {_HERE}.")
        if len(template) > LONGEST_TEMPLATE:
            raise read.wrong("Template", f"is longer than {LONGEST_TEMPLATE:,} characters")
        if read.flag("is_remediation", "Remediation") and not re.fullmatch(r"[a-z0-9_]{1,50}", name):
            raise ConfigurationError(
                f"{read.where}: the name of a remediation becomes that of a playbook.",
                "Use small letters, digits and underscores, as in isolate_host.",
            )
        undo_target = read.text("undo_target")
        if undo_target and not re.fullmatch(NAME, undo_target):
            raise read.wrong("Undo target", f"is '{one_line(undo_target)[:60]}', not the name of a target")
        return cls(
            name=name,
            type=read.text("type"),
            aws_account=account,
            arn=_arn(read),
            message=message,
            template=template if message == TEMPLATE else "",
            waits=read.flag("waits", "Wait for the answer"),
            is_remediation=read.flag("is_remediation", "Remediation"),
            undo_target=undo_target,
        )


_HERE = f"on the {TAB} tab"


def _arn(read: StanzaReader) -> str:
    value = read.text("arn")
    parsed = parse(value)
    is_plain = value.isascii() and value.isprintable() and " " not in value and len(value) <= LONGEST_ARN
    if parsed is None or not is_plain or parsed.partition not in PARTITIONS or not is_region(parsed.region):
        raise read.wrong("ARN", f"is '{one_line(value)[:60]}', not an ARN with a region")
    return value
