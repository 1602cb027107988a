"""Overview: how exposed we are, how fast it is contained, and what the app would do if it were let."""

from __future__ import annotations

from .definition import AUDIT, CASES, PROVED, Dashboard, Panel, status
from .remediation import WAITING

RANK = 'case(severity="critical", 1, severity="high", 2, severity="medium", 3, severity="low", 4, true(), 5)'

SEVERE = Panel(
    "Open, critical or high",
    "number",
    """| inputlookup responder_tasks where open=1
| stats count BY case_id
| lookup responder_cases _key AS case_id OUTPUT severity
| where severity IN ("critical", "high")
| stats count AS Count""",
    "Now. Click to see them.",
    click=f"{CASES}?severity=high",
    alarms=True,
)
CONTAINED = Panel(
    "Cases remediated",
    "number",
    f"""{AUDIT} step=remediation_done
| stats dc(case_id) AS Count""",
    "AWS shows the change.",
)
MEDIAN = Panel(
    "Minutes to contain",
    "number",
    f"""{AUDIT} {PROVED}
| where isnotnull(verified_after)
| dedup id
| stats count AS changes perc50(verified_after) AS seconds
| where changes > 0
| eval Count=round(seconds / 60, 1)
| table Count""",
    "Median. Empty: none yet.",
)
SAVED = Panel(
    "Hours saved",
    "number",
    f"""{AUDIT} step IN (ticket_created, change_applied, undone)
| dedup id
| eval minutes=`cloudtrail_responder_minutes_by_hand`
| stats sum(minutes) AS minutes
| eval Count=round(coalesce(minutes, 0) / 60)
| table Count""",
    "An estimate.",
)
LEFT_TO_DO = Panel(
    "Cases with something left to do",
    "table",
    f"""| inputlookup responder_tasks where open=1
| stats count AS tasks BY case_id
| lookup responder_cases _key AS case_id OUTPUT severity
| fillnull value="unknown" severity
| stats count AS Cases BY severity
| eval rank={RANK}
| sort 0 rank
| rename severity AS Severity
| table Severity Cases""",
    "Now. Empty: nothing is left to do. Click for its cases, and worse.",
    click=f"{CASES}?severity={{Severity}}",
)
NEW = Panel(
    "New cases",
    "column",
    f"""{AUDIT} step=task_recorded
| sort 0 _time
| dedup case_id
| timechart span=1d count BY severity""",
    "By day. Empty: nothing found, or no detection has a response.",
    unit="cases",
)
STAGES = Panel(
    "Time to contain, by stage",
    "table",
    f"""{AUDIT} {PROVED}
| dedup id
| eval reached=mvappend("1. in the index=" . indexed_after, "2. found by a detection=" . found_after,
    "3. people notified=" . notified_after, "4. approved=" . approved_after, "5. changed in AWS=" . changed_after,
    "6. verified=" . verified_after, "7. proved by CloudTrail=" . proved_after)
| fields reached
| mvexpand reached
| eval Stage=mvindex(split(reached, "="), 0), seconds=tonumber(mvindex(split(reached, "="), 1))
| eval minutes=seconds / 60
| stats count AS Changes perc50(minutes) AS Median perc90(minutes) AS p90 perc95(minutes) AS p95 BY Stage
| eval Median=round(Median, 1), p90=round(p90, 1), p95=round(p95, 1)
| table Stage Changes Median p90 p95""",
    "Minutes from the event. p90: 90% took no longer. Empty: none.",
    height=430,
    widths={"Stage": 156, "Median": 86, "p90": 60, "p95": 60},
)
TREND = Panel(
    "Time to contain, trend",
    "line",
    f"""{AUDIT} {PROVED}
| where isnotnull(verified_after)
| dedup id
| eval minutes=verified_after / 60
| timechart span=1d perc50(minutes) AS Median perc95(minutes) AS "95th percentile\"""",
    "By day. Empty: no change was made yet.",
    unit="minutes",
)
WOULD_CHANGE = Panel(
    "What simulate would have changed",
    "table",
    f"""{AUDIT} step=remediation_simulated
| dedup id
| stats dc(object) AS Resources dc(case_id) AS Cases dc(vendor_account) AS Accounts latest(message) AS Example
    BY playbook
| sort 0 -Resources playbook
| rename playbook AS Playbook
| table Playbook Resources Cases Accounts Example""",
    "Empty: nothing was simulated; add Remediate in AWS to a detection.",
    widths={"Playbook": 220, "Resources": 115, "Accounts": 110, "Example": 430},
)
FOUND_BY_TACTIC = Panel(
    "Cases by tactic",
    "bar",
    f"""{AUDIT} step=task_recorded
| stats values(signature_id) AS signature_id BY case_id
| lookup responder_detections signature_id OUTPUT tactic
| fillnull value="not a shipped detection" tactic
| stats dc(case_id) AS Cases BY tactic
| sort 0 -Cases tactic""",
    "A case counts in each of its tactics. Empty: nothing was found.",
    unit="cases",
)
COVERAGE = Panel(
    "Coverage by tactic",
    "table",
    """| rest splunk_server=local count=0 /servicesNS/nobody/cloudtrail_responder/saved/searches
| lookup responder_detections search_name AS title OUTPUT tactic
| where isnotnull(tactic)
| eval is_on=if(disabled="1", 0, 1)
| stats count AS Shipped sum(is_on) AS "Switched on" BY tactic
| rename tactic AS Tactic
| table Tactic "Switched on" Shipped""",
    "Empty: only administrators may read which detections are on.",
    height=400,
    widths={"Switched on": 130, "Shipped": 110},
)
ACTORS = Panel(
    "Top actors",
    "table",
    f"""| inputlookup responder_cases
| where isnotnull(actor) AND actor!=""
| addinfo
| where opened_at >= info_min_time AND (info_max_time="+Infinity" OR opened_at <= info_max_time)
| eval rank={RANK}
| sort 0 rank
| stats count AS Cases first(severity) AS Worst dc(account) AS Accounts dc(signature_id) AS Detections BY actor
| sort 10 -Cases actor
| rename actor AS Actor
| table Actor Cases Worst Detections Accounts""",
    "Who did what was found. Empty: no case was opened in this time. Click an actor to see their cases.",
    click=f"{CASES}?actor={{Actor}}",
)
FAILURES = Panel(
    "What failed",
    "table",
    f"""{AUDIT} status=failure step IN (failed, attempt_failed)
| dedup id
| eval Where=mvindex(split(kind, "."), 0)
| stats count AS Attempts dc(case_id) AS Cases latest(message) AS Newest BY Where error
| sort 0 -Cases Where
| rename error AS Kind
| table Where Kind Cases Attempts Newest""",
    "Most are retried. Empty: nothing failed. Click for what needs you.",
    click=f"{CASES}?state=attention",
    widths={"Where": 120, "Kind": 135, "Attempts": 110, "Newest": 500},
)

DASHBOARD = Dashboard(
    "overview",
    "Overview",
    "Open cases, time to contain, what the app would change, coverage, failures and actors.",
    (
        (
            status(
                "No case yet. Arm detections on the page Getting started, choose a longer time range, or ask for "
                "access to the audit index."
            ),
        ),
        (SEVERE, WAITING, CONTAINED, MEDIAN, SAVED),
        (LEFT_TO_DO, NEW),
        (STAGES, TREND),
        (WOULD_CHANGE,),
        (FAILURES,),
        (FOUND_BY_TACTIC, COVERAGE),
        (ACTORS,),
    ),
    order=10,
)
