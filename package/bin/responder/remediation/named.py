"""How playbooks name a resource: by the ARN it has in this account; and the error where a finding names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidFinding

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding


def names_no(what: str, finding: Finding, its: str) -> InvalidFinding:
    """To be raised. ``what``: as in ``bucket``; ``its``: what the search should give, as in ``name or ARN``."""
    return InvalidFinding(
        f"The finding names no {what} ('{finding.object_id[:80]}').", f"Let the search set object_id to its {its}."
    )


def arn_in(aws: Aws, service: str, region: str, resource: str, account: str | None = None) -> str:
    """As in ``arn:aws:sns:eu-west-1:123456789012:alerts``, in the partition that is acted in.

    ``region`` and ``account`` may be empty: of some resources the ARN has none. Without ``account``: that acted in.
    """
    owner = aws.account.account_id if account is None else account
    return f"arn:{aws.identity().partition}:{service}:{region}:{owner}:{resource}"
