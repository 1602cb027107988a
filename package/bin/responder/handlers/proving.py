"""Proof before anything is enforced: the finding's own CloudTrail records, read again with the system's rights."""

from __future__ import annotations

from ..errors import RefusedByGuardrail, Waiting
from ..findings.proof import Contradicted, Missing, Proved, prove
from .base import Context
from .own_remediations import playbook_of

#: CloudTrail delivers late, and Splunk indexes later: for so many seconds after it was recorded a finding whose records
#: are not found waits for them by itself; then for a person.
WAIT_FOR_RECORDS = 120.0
#: Seconds between two looks.
LOOK_AGAIN = 20.0


def unproved(context: Context, playbook_id: str) -> str:
    """Why a person has to decide; empty when the finding is proved, or no proof is asked for.

    Raises RefusedByGuardrail for a finding that its records contradict, and Waiting while its records may still come.
    """
    if not context.config.safety.require_proof:
        return ""
    claims = playbook_of(context, playbook_id).claims(context.finding)
    proof = prove(context.splunkd, context.finding, context.clock(), claims)
    if isinstance(proof, Proved):
        return ""
    if isinstance(proof, Contradicted):
        raise RefusedByGuardrail(
            f"The finding is contradicted: {proof.message}", "Check the search that found it, and its owner."
        )
    waited = context.clock() - context.task.created_at
    if isinstance(proof, Missing) and waited < WAIT_FOR_RECORDS:
        raise Waiting(proof.message, "They are looked for again.", retry_after=LOOK_AGAIN)
    return f"The finding is not proved: {proof.message}"
