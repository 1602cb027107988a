"""What other cases have come upon since a remediation: they rely on what it has done.

Several detections find one key or one group, each in a case of its own. The first remediation changes it, the others
find that nothing is left to do, and the end of the first one's time must not take that from them. Those that have
changed it anew are found by their evidence (``remediation.newer``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import arn
from ..cases.outcomes import Remediated
from ..cases.store import CASES, case_document
from ..cases.task import TASKS, Task
from ..errors import DamagedDocument, InvalidFinding, NotFound, RefusedByGuardrail
from ..remediation.evidence import EvidenceStore
from ..remediation.model import Target
from ..remediation.ports import Ports
from ..splunk.queries import any_of, either
from .base import Context

RUN = "remediation.run"
#: Cases that are looked through, the newest first.
MOST_CASES = 200


def found_elsewhere(context: Context, of: str, ports: Ports) -> Iterator[float]:
    """When remediations of other cases by the same playbook found right what this one has changed.

    Raises a ResponderError where splunkd or AWS does not answer.
    """
    made = EvidenceStore(context.splunkd, of, context.clock).load().made
    playbook = ports.playbook(made[0].intended.playbook) if made else None
    if playbook is None or playbook.is_composed:
        return
    changed = {_about(entry.intended.resource.target) for entry in made}
    aws = ports.aws(ports.account_for(made[0].intended.resource.account).to_read())
    for task, outcome in _others(context, playbook.id, min(entry.intended.at for entry in made)):
        try:
            targets = playbook.targets(task.finding, aws) if task.finding else ()
        except (InvalidFinding, NotFound, RefusedByGuardrail):
            # It names nothing of the kind, or nothing that is there.
            continue
        if changed.intersection(map(_about, targets)):
            yield outcome.finished_at


def _about(target: Target) -> tuple[str, str]:
    """Findings name things by their ARNs, their names, or ARNs without paths."""
    return arn.name_of(target.id), target.region


def _others(context: Context, playbook: str, since: float) -> Iterator[tuple[Task, Remediated]]:
    """Remediations of other cases about the same actor or resource that found nothing to do since."""
    for query in any_of("case_id", list(_cases(context)), kind=RUN):
        for document in context.splunkd.find(TASKS, query):
            task = _task(document)
            outcome = task.outcome if task is not None else None
            if task is None or not isinstance(outcome, Remediated) or outcome.playbook != playbook:
                continue
            if outcome.status == "already" and outcome.finished_at > since:
                yield task, outcome


def _task(document: dict[str, Any]) -> Task | None:
    try:
        return Task.from_document(document)
    except DamagedDocument:
        # Whoever works on it says so.
        return None


def _cases(context: Context) -> Iterator[str]:
    own = case_document(context.task)
    alike = [{name: own[name], "account": own["account"]} for name in ("actor", "resource") if own[name]]
    if alike:
        found = context.splunkd.find(CASES, either(alike), fields="_key", sort="opened_at:-1", limit=MOST_CASES)
        yield from (str(case["_key"]) for case in found if case["_key"] != context.case_id)
