"""What tests over all playbooks share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from responder.errors import Rejected
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.model import Call
from responder.remediation.playbook import Playbook

from tests.aws.scenarios import SCENARIOS
from tests.aws.support import Tasks

PLAYBOOKS = registry.every()
#: Those that act themselves: what the others need is proved with these.
SINGLE = tuple(playbook for playbook in PLAYBOOKS if not playbook.is_composed)
every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.id)
#: Each of a playbook's scenarios; dear ones that need no other right in the slow run.
every_case = pytest.mark.parametrize(
    ("playbook", "variant"),
    [
        pytest.param(playbook, variant, marks=[pytest.mark.slow] if variant in SCENARIOS[playbook.id].slow else [])
        for playbook in PLAYBOOKS
        for variant in SCENARIOS[playbook.id].variants
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)

#: They write much, of kinds that others write one by one.
_DEAR = ("contain_new_user", "snapshot_instance_volumes")
#: The same, of which the ordinary run has the plain one of each playbook but the dear: for what the machinery does for
#: all.
every_case_when_slow = pytest.mark.parametrize(
    ("playbook", "variant"),
    [
        pytest.param(playbook, variant, marks=[pytest.mark.slow] if number or playbook.id in _DEAR else [])
        for playbook in PLAYBOOKS
        for number, variant in enumerate(SCENARIOS[playbook.id].variants)
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)

#: The plain one of them: for what does not depend on how it came about.
plain_case = pytest.mark.parametrize(
    ("playbook", "variant"),
    [(playbook, next(iter(SCENARIOS[playbook.id].variants))) for playbook in PLAYBOOKS],
    ids=lambda value: value if isinstance(value, str) else value.id,
)


def one_of_each_service_and_the_others_slowly() -> Iterator[Any]:
    """For what the client of a service does: of its playbooks, the one with the fewest rights in the ordinary run."""
    known: set[str] = set()
    for playbook in sorted(PLAYBOOKS, key=lambda one: len(one.permissions)):
        service = playbook.services[0]
        yield pytest.param(playbook, id=playbook.id, marks=[pytest.mark.slow] if service in known else [])
        known.add(service)


def life(playbook: Playbook, finding: Finding, tasks: Tasks) -> tuple[str, str]:
    """Plan, change, read back, undo, read back: every call a playbook ever makes. What change and undo came to."""
    done = tasks.run(finding, playbook.id).status
    try:
        return done, tasks.undo().status
    except Rejected as error:
        if "cannot be undone" not in str(error):
            raise
        return done, "cannot be undone"


def whole(playbook: Playbook) -> tuple[str, str]:
    """What a life comes to with which nothing interferes."""
    return "done", "undone" if playbook.undoable else "cannot be undone"


def on_the_wire(tasks: Tasks, call: Call) -> str:
    """The operation's name in the API."""
    return str(tasks.aws.client(call.service).meta.method_to_api_mapping[call.operation])
