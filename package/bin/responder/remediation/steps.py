"""Steps that playbooks share: making the calls of a change, and reading back until AWS has caught up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence, Tuple

from ..errors import InvalidFinding
from .playbook import Call, Change, Playbook, Verification

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding

#: Seconds before each look. AWS is eventually consistent: a read right after a write can be old.
LOOKS = (0.0, 0.5, 1.5, 3.0, 5.0)


def require(playbook: Playbook, finding: Finding) -> None:
    """Raises InvalidFinding when the finding lacks what the playbook needs or is about another kind of resource."""
    missing = [name for name in playbook.needs if not getattr(finding, name)]
    if missing:
        raise InvalidFinding(
            f"Playbook {playbook.id} needs {', '.join(missing)}, which the finding does not give.",
            f"Let the search set it; docs/playbooks/{playbook.id}.md says how.",
        )
    kind = finding.object_category
    if kind and playbook.accepts and kind not in playbook.accepts:
        raise InvalidFinding(
            f"Playbook {playbook.id} is for {', '.join(playbook.accepts)}, but the finding is about {kind[:80]}.",
            "Choose another playbook in the alert action.",
        )


def perform(calls: Sequence[Call], change: Change, aws: Aws, done: Tuple[str, ...] = ()) -> None:
    """Make the calls in order; error codes in ``done`` mean that it is so already."""
    for call in calls:
        aws.call(call.service, call.operation, change.region, done, **call.parameters)


def read_back(
    aws: Aws,
    read: Callable[[], Mapping[str, Any]],
    right: Callable[[Mapping[str, Any]], bool],
    say: Callable[[Mapping[str, Any]], str],
) -> Verification:
    """Read until the state is right, about ten seconds at most. ``say`` puts the state in a sentence."""
    state: Mapping[str, Any] = {}
    for pause in LOOKS:
        if pause:
            aws.sleep(pause)
        state = read()
        if right(state):
            return Verification(True, say(state), state)
    return Verification(False, say(state), state)


def tags_of(pairs: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """AWS's list of ``{"Key", "Value"}`` as a mapping."""
    return {pair["Key"]: pair.get("Value", "") for pair in pairs}
