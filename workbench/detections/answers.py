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
    lines += [f"| [{one.title}]({one.id}.md) | {one.severity} | {_answer(one, playbooks, guides)} |" for one in ordered]
    return "\n".join(lines) + "\n"


def _answer(one: Detection, playbooks: Mapping[str, Any], guides: Mapping[str, Any]) -> str:
    named = one.recommended_playbook or ""
    if named in playbooks:
        return f"[`{named}`](../playbooks/{named}.md) | playbook, {_about(playbooks[named])}"
    if named in guides:
        return f"[`{named}`](../playbooks/by-hand.md#{named}) | guide: {guides[named].title}"
    return f"none | {one.no_playbook}"


def of(one: Detection, playbooks: Mapping[str, Any], guides: Mapping[str, Any]) -> str:
    """The answer to one detection, for its own page."""
    named = one.recommended_playbook or ""
    if named in playbooks:
        return f"[`{named}`](../playbooks/{named}.md) ({_about(playbooks[named])})"
    if named in guides:
        return f"a guide for a person: [{guides[named].title}](../playbooks/by-hand.md#{named})"
    return f"none. {one.no_playbook}" if one.no_playbook else "none"


def _about(playbook: Any) -> str:
    return f"{'can be undone' if playbook.undoable else 'cannot be undone'}, risk {playbook.risk}"


def permissions(one: Detection, playbooks: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the recommended playbook needs in AWS: a row, or none where there is no playbook."""
    playbook = playbooks.get(one.recommended_playbook or "")
    if playbook is None:
        return []
    actions = dict.fromkeys(permission.action for permission in playbook.permissions)
    policy = f"[policy](../iam/aws/{playbook.id}.json)"
    return [("the playbook's permissions", f"{', '.join(f'`{action}`' for action in sorted(actions))} ({policy})")]
