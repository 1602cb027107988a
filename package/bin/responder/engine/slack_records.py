"""What people clicked and typed in Slack, as it is written down before it is acknowledged (``answer_records.py``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..remediation.verdicts import SLACK
from ..slack.interaction import Interaction
from ..splunk.client import Splunkd
from . import answer_records
from .answer_records import OWN_TIME, Recorded


def write_down(splunkd: Splunkd, workspace: str, given: Sequence[Interaction]) -> list[Recorded]:
    """Those that are new, written. Raises a ResponderError; then some of them may have been."""
    now = splunkd.now()
    return answer_records.write_down(splunkd, [_recorded(workspace, one, now) for one in given])


def _recorded(workspace: str, given: Interaction, now: float) -> Recorded:
    return Recorded(
        # An envelope that comes again is the same document.
        key=f"{workspace}:{given.id}",
        way=SLACK,
        workspace=workspace,
        verb=given.verb,
        user=given.user,
        team=given.team,
        channel=given.channel,
        task=given.task,
        plan=given.plan,
        text=given.text,
        at=now,
        due_at=now + OWN_TIME,
    )


def claim_of(workspace: str) -> str:
    """What the search head claims that keeps a link to a workspace (``share_claims.py``)."""
    return f"socket:{workspace}"
