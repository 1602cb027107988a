"""Remediation: what was planned, changed, refused and taken back in AWS."""

from __future__ import annotations

from .definition import AUDIT, CASES, PROVED, Dashboard, Panel, status

#: How a remediation has ended. The others are steps before its end, and what CloudTrail has said after it.
ENDED = (
    "step=remediation_* NOT step IN (remediation_proved, remediation_unproved, remediation_still_active, "
    "remediation_given_back, remediation_requested, remediation_kept, remediation_limited)"
)
OUTCOME = 'eval outcome=replace(step, "^remediation_", "")'


def _count(title: str, condition: str, description: str) -> Panel:
    return Panel(title, "number", f"{AUDIT} {condition}\n| dedup id\n| stats count AS Count", description)


WAITING = Panel(
    "To be approved",
    "number",
    "| inputlookup responder_tasks where waiting_for=approval\n| stats count AS Count",
    "Now. Click for plans.",
    click="/app/cloudtrail_responder/approvals",
)
OUTCOMES = Panel(
    "Outcomes",
    "column",
    f"""{AUDIT} {ENDED}
| dedup id
| {OUTCOME}
| timechart span=1d count BY outcome""",
    "By day. Empty: none ran; add Remediate in AWS to a detection.",
    unit="remediations",
)
BY_PLAYBOOK = Panel(
    "By playbook",
    "table",
    f"""{AUDIT} {ENDED}
| dedup id
| {OUTCOME}
| stats count AS Ended sum(eval(if(outcome="done", 1, 0))) AS Done sum(eval(if(outcome="simulated", 1, 0))) AS Simulated
    sum(eval(if(outcome="refused", 1, 0))) AS Refused sum(eval(if(outcome="undone", 1, 0))) AS Undone BY playbook
| sort 0 -Ended playbook
| rename playbook AS Playbook
| table Playbook Ended Done Simulated Refused Undone""",
    "Ended counts every outcome. Empty: none ran.",
    widths={"Playbook": 240},
)
CHANGES = Panel(
    "Changes in AWS",
    "table",
    f"""{AUDIT} step IN (change_applied, undone)
| dedup id
| sort 0 -_time
| eval Time=strftime(_time, "%Y-%m-%d %H:%M:%S"), What=if(step="undone", "taken back", "made")
| rename playbook AS Playbook resource AS Resource vendor_account AS Account message AS Summary case_id AS Case
| table Time What Playbook Resource Account Summary Case""",
    "Each resource that was changed or put back, newest first. Empty: nothing was changed. Click to see the case.",
    click=f"{CASES}?case={{Case}}",
    widths={"Time": 98, "Playbook": 168, "Resource": 125, "Account": 113, "Summary": 205, "Case": 178},
)
REFUSED = Panel(
    "Refused by a guardrail",
    "table",
    f"""{AUDIT} step=remediation_refused
| dedup id
| stats count AS Times dc(case_id) AS Cases latest(_time) AS newest BY playbook message
| sort 0 -newest
| eval Newest=strftime(newest, "%Y-%m-%d %H:%M:%S")
| rename playbook AS Playbook message AS Why
| table Newest Playbook Why Cases Times""",
    "Which rule kept it from being done. Empty: nothing was refused.",
    widths={"Newest": 160, "Playbook": 200, "Why": 420, "Times": 92},
)
PROOF = Panel(
    "What CloudTrail says after a change",
    "table",
    f"""{AUDIT} {PROVED}
| dedup id
| eval Verdict=case(step="remediation_proved", "proved: nothing was done with it since",
    step="remediation_unproved", "unproved: CloudTrail's record did not arrive",
    step="remediation_still_active", "still active: it was used after the change",
    true(), "given back: somebody reversed the change")
| stats count AS Count latest(message) AS Newest BY Verdict
| table Verdict Count Newest""",
    "Empty: no change was made, or its proof is under way.",
    widths={"Verdict": 190, "Newest": 190},
)

DASHBOARD = Dashboard(
    "remediation",
    "Remediation",
    "What was planned, changed, refused and taken back in AWS.",
    (
        (
            status(
                "No remediation yet. Add Remediate in AWS to an alert: as shipped it simulates and changes nothing. Or "
                "choose a longer time range.",
                "kind=remediation.*",
            ),
        ),
        (
            _count("Changes made", "step=change_applied", "Changed in AWS."),
            _count("Taken back", "step=undone", "Put back as they were."),
            _count("Simulated", "step=remediation_simulated", "Plans that were shown."),
            WAITING,
            _count("Refused", "step=remediation_refused", "By a guardrail."),
            _count("Failed", "step=failed kind=remediation.*", "See Overview for why."),
        ),
        (OUTCOMES, PROOF),
        (BY_PLAYBOOK,),
        (CHANGES,),
        (REFUSED,),
    ),
    order=20,
)
