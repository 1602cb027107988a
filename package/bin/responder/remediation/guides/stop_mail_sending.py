"""Amazon SES was prepared or used to send mail."""

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
            "Pause sending for the account or the configuration set if the mail is not yours.",
            console.page("ses/home?region={region}#/account"),
        ),
        Instruction(
            "Remove identities and SMTP users that nobody knows; deactivate the key that made them.",
            console.page("ses/home?region={region}#/verified-identities"),
        ),
        Instruction(
            "Answer AWS's abuse team if it has written; ask for the production access to be taken "
            "back if you never needed it.",
            console.page("support/home#/"),
        ),
    )


GUIDE = Guide(
    id="stop_mail_sending",
    title="Stop sending of mail",
    why="Only you know which mail is yours, and a stop hits all of it.",
    instructions=_instructions,
)
