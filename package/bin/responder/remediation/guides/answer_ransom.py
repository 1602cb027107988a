"""Objects were encrypted with a key of an outsider, or a note was left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, event

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        event(finding, console),
        Instruction(
            "Stop who does it now: quarantine_user or quarantine_role, and block writes to the bucket "
            "by a policy of your own.",
            console.page("s3/home?region={region}#"),
        ),
        Instruction(
            "Do not delete anything. Check versions: the ones before the encryption may be there; "
            "suspend lifecycle rules that would expire them."
        ),
        Instruction(
            "Disable or deny the foreign KMS key in your own policies; copy what you can still read "
            "to another account.",
            console.page("kms/home?region={region}#/kms/keys"),
        ),
        Instruction(
            "Call AWS Support and your incident response; keep the notes and addresses as evidence.",
            console.page("support/home#/"),
        ),
    )


GUIDE = Guide(
    id="answer_ransom",
    title="Answer an attempt at ransom",
    why="Every automatic answer could destroy what is left, or the evidence.",
    instructions=_instructions,
)
