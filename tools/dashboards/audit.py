"""Audit: what people decided, and what they changed of the app."""

from __future__ import annotations

from .definition import AUDIT, CASES, Dashboard, Panel, status

DECIDED = (
    "step IN (approved, rejected, undo_requested, remediation_requested, remediation_kept, retry_requested, "
    "case_excused, finding_excused, excuse_lifted, case_assigned)"
)
CHANGED = "step IN (settings_accepted, kill_switch_on, kill_switch_off, change_limit_reset, pipeline_*)"
LISTED = "step IN (list_entry_*, playbook_ceiling, detection_changed, detection_armed, detection_disarmed)"
WHO = 'eval Who=coalesce(by, user), Time=strftime(_time, "%Y-%m-%d %H:%M:%S")'

PEOPLE = Panel(
    "Who decided how much",
    "table",
    f"""{AUDIT} {DECIDED}
| dedup id
| {WHO}
| stats count AS Decisions sum(eval(if(step="approved", 1, 0))) AS Approved
    sum(eval(if(step="rejected", 1, 0))) AS Rejected sum(eval(if(step="undo_requested", 1, 0))) AS Undone
    sum(eval(if(match(step, "_excused$"), 1, 0))) AS Excused BY Who
| sort 0 -Decisions Who""",
    "What people answered. Empty: nobody decided anything.",
    height=300,
)
OVER_TIME = Panel(
    "Decisions",
    "column",
    f"""{AUDIT} {DECIDED}
| dedup id
| eval decision=replace(step, "_", " ")
| timechart span=1d count BY decision""",
    "By day. Empty: nobody decided anything.",
    unit="decisions",
)
DECISIONS = Panel(
    "Approved, rejected, undone, excused",
    "table",
    f"""{AUDIT} {DECIDED}
| dedup id
| sort 0 -_time
| {WHO}
| eval What=replace(step, "_", " "), Where=coalesce(way, "splunk"), Resource=coalesce(resource, object)
| rename case_id AS Case reason AS Reason vendor_account AS Account
| table Time Who What Where Account Resource Reason Case""",
    "Every decision, newest first. Empty: nobody decided anything in this time. Click to see the case.",
    click=f"{CASES}?case={{Case}}",
    widths={"Time": 100, "Who": 95, "What": 100, "Account": 115, "Resource": 140, "Reason": 145, "Case": 182},
)
SETTINGS = Panel(
    "Settings and switches",
    "table",
    f"""{AUDIT} {CHANGED}
| dedup id
| sort 0 -_time
| {WHO}
| eval What=replace(step, "_", " "), Tab=form, Entry=coalesce(entry, object, scope), Fields=mvjoin('changed{{}}', ", ")
| table Time Who What Tab Entry Fields""",
    "Who saved which fields, turned the kill switch or reset a limit. Values are not kept. Empty: nothing was changed.",
    widths={"Time": 165, "What": 140, "Tab": 125, "Entry": 140, "Fields": 310},
)
LISTS = Panel(
    "Lists, ceilings and detections",
    "table",
    f"""{AUDIT} {LISTED}
| dedup id
| sort 0 -_time
| {WHO}
| eval What=replace(step, "_", " "), List=case(isnotnull('list'), 'list', match(step, "^detection_"), "detections",
    true(), "playbook ceilings"), Entry=coalesce(playbook, key, search_name)
| spath output=Before path=before
| spath output=After path=after
| eval Before=nullif(Before, "null"), After=nullif(After, "null")
| table Time Who What List Entry Before After""",
    "Who changed which entry of a list, which playbook's ceiling and which detection. Empty: nobody did.",
    widths={"Time": 165, "What": 135, "List": 135, "Entry": 170, "Before": 130, "After": 145},
)
REFUSED = Panel(
    "Answers that were refused",
    "table",
    f"""{AUDIT} step=answer_refused
| dedup id
| sort 0 -_time
| {WHO}
| rename verb AS Wanted way AS Where message AS Why
| table Time Who Wanted Where Why""",
    "People who tried to decide in Slack or Jira and may not. Empty: nobody was refused.",
    height=260,
    widths={"Time": 165, "Who": 150, "Wanted": 100, "Why": 460},
)

DASHBOARD = Dashboard(
    "audit",
    "Audit",
    "Who approved, rejected, undid and excused what, and who changed which setting, list and ceiling.",
    (
        (
            status(
                "No decision and no change of a setting in this time. Choose a longer time range.",
                f"({DECIDED} OR {CHANGED} OR {LISTED} OR step=answer_refused)",
                "steps",
            ),
        ),
        (OVER_TIME,),
        (PEOPLE,),
        (DECISIONS,),
        (SETTINGS,),
        (LISTS,),
        (REFUSED,),
    ),
    order=40,
)
