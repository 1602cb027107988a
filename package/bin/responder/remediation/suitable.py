"""Which playbooks can answer a finding, as far as the finding alone tells: AWS is not asked."""

from __future__ import annotations

from typing import Any

from ..errors import ResponderError
from ..findings.finding import Finding
from ..settings.model import AwsAccount
from .playbook import Playbook


class _Asked(Exception):
    """A playbook would have asked AWS."""


class _NoAws:
    """AWS as far as a finding alone goes: it can be named, and not asked."""

    def __init__(self, account: str, region: str) -> None:
        self.account = AwsAccount("unasked", account, default_region=region or "us-east-1")

    def __getattr__(self, name: str) -> Any:
        raise _Asked(name)


def targets(playbook: Playbook, finding: Finding) -> tuple[str, ...]:
    """What the playbook itself takes from the finding; what it is about, where that takes a look into AWS.

    Raises InvalidFinding where the playbook cannot act on it.
    """
    playbook.check(finding)
    aws: Any = _NoAws(finding.vendor_account, finding.vendor_region)
    try:
        found = tuple(target.id for target in playbook.targets(finding, aws))
    except _Asked:
        found = ()
    about = finding.object_id or finding.access_key_id or finding.user_arn
    return found or ((about,) if about else ())


def why_not(playbook: Playbook, finding: Finding) -> str:
    """Why a playbook cannot answer a finding, one line; empty where it can, as far as the finding tells."""
    try:
        targets(playbook, finding)
    except ResponderError as error:
        return error.message
    return ""
