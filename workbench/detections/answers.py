"""The page that says what answers each detection: a playbook, a guide for a person, or the reason for neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .model import SEVERITIES, Detection

FILE = "answers.md"


def page(detections: Iterable[Detection], playbooks: Mapping[str, Any], guides: Mapping[str, Any], note: str) -> str:
    ordered = sorted(detections, key=lambda one: (-SEVERITIES.index(one.severity), one.family, one.id))
    automatic = sum(one.recommended_playbook in playbooks for one in ordered)
    by_hand = sum(one.recommended_playbook in guides for one in ordered)
    lines = [note, "", "# What answers each detection", ""]
    lines += [f"Of {len(ordered)} detections {automatic} recommend a playbook, {by_hand} a guide for a person, and "
              f"{len(ordered) - automatic - by_hand} neither.", ""]  # fmt: skip
    lines += ["- *playbook*: plans, asks or acts, verifies, and can say how it is undone "
              "([all of them](../playbooks/README.md)).",
              "- *guide*: no call of the app can help; the ticket says what a person has to do "
              "([all of them](../playbooks/by-hand.md)).",
              "- An alert action may name another playbook than the recommended one.",
              "- Where it is certain that a key, a user or a session is in wrong hands, name "
              "[`contain_actor`](../playbooks/contain_actor.md) in the alert action. It does what "
              "`deactivate_access_key`, `end_live_sessions` and `contain_new_user` do for whoever made the calls, and",
              "  takes back what was made with them, as one plan. No detection recommends it: a single finding seldom "
              "makes that certain.", ""]  # fmt: skip
    lines += ["| detection | severity | answer | |", "|---|---|---|---|"]
    lines += [
        f"| [{one.title}]({one.id}.md) | {one.severity} | {' | '.join(of(one, playbooks, guides))} |" for one in ordered
    ]
    return "\n".join(lines) + "\n"


def of(one: Detection, playbooks: Mapping[str, Any], guides: Mapping[str, Any]) -> tuple[str, str]:
    """Playbook, guide or none, as a link, and what is to be known of it; empty where nobody has said why it is none."""
    named = one.recommended_playbook or ""
    if named in playbooks:
        undo = "can be undone" if playbooks[named].undoable else "cannot be undone"
        return f"[`{named}`](../playbooks/{named}.md)", f"playbook, {undo}, risk {playbooks[named].risk}"
    if named in guides:
        return f"[`{named}`](../playbooks/by-hand.md#{named})", f"guide: {guides[named].title}"
    return "none", one.no_playbook


def permissions(one: Detection, playbooks: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the recommended playbook needs in AWS: a row, or none where there is no playbook."""
    playbook = playbooks.get(one.recommended_playbook or "")
    if playbook is None:
        return []
    actions = dict.fromkeys(permission.action for permission in playbook.permissions)
    policy = f"[policy](../iam/aws/{playbook.id}.json)"
    return [("the playbook's permissions", f"{', '.join(f'`{action}`' for action in sorted(actions))} ({policy})")]
