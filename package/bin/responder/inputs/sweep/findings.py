"""What a sweep has seen wrong, as findings: of the case that the detection's finding about it would be of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from ...findings.finding import SEVERITIES, Finding
from ...remediation.playbook import Playbook
from ...remediation.sweeping import Wrong
from .episodes import Episode


def finding_of(wrong: Wrong, account: str, playbook: Playbook, episode: Episode, days: int) -> Finding:
    """The same for the whole of an episode. It names no CloudTrail events: AWS itself says that it is so."""
    return Finding(
        signature_id=wrong.signature.id,
        signature=wrong.signature.title,
        severity=raised(wrong.severity, episode.occurrence),
        dedup_key=wrong.dedup_key(account),
        mitre_technique_id=wrong.signature.technique,
        vendor_account=account,
        vendor_region=wrong.region,
        object_category=wrong.category,
        object_id=wrong.object_id,
        reason=f"{wrong.reason} {_seen(episode, days)}",
        first_time=episode.since,
        last_time=episode.since,
        recommended_playbook=playbook.id,
        detail=wrong.detail,
    )


def raised(severity: str, occurrence: int) -> str:
    """One step higher for each recurrence."""
    return SEVERITIES[min(SEVERITIES.index(severity) + occurrence - 1, len(SEVERITIES) - 1)]


def by_case(wrong: Sequence[Wrong], account: str) -> dict[str, list[Wrong]]:
    """By id of the case: a function with two open URLs is one."""
    found: dict[str, list[Wrong]] = {}
    for one in wrong:
        about = Finding(one.signature.id, one.signature.title, one.severity, one.dedup_key(account))
        found.setdefault(about.case_id, []).append(one)
    return found


def _seen(episode: Episode, days: int) -> str:
    if episode.occurrence == 1:
        return "Seen by the sweep."
    right = datetime.fromtimestamp(episode.right_at, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return f"Seen by the sweep. It was right at {right}: this is occurrence {episode.occurrence} within {days} days."
