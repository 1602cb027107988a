"""Operations: whether the app keeps up, and what holds it up."""

from __future__ import annotations

from .definition import AUDIT, CASES, PROVED, Dashboard, Panel, status

#: One line for each share of each round (responder/inputs/round.py).
ROUNDS = 'index=_internal "service=" "due=" "tried=" "seconds="\n| where match(source, "cloudtrail_responder_worker")'
_READ = r'rex "service=\"?(?<service>[^\s\"]+)\"? due=(?<due>\d+) tried=(?<tried>\d+).* seconds=(?<seconds>[\d.]+)"'

#: What a task does outside.
EFFECTS = "ticket_created, ticket_commented, slack_posted, notified, dispatched, change_applied"

HEALTH = Panel(
    "Health",
    "table",
    """| responderhealth level=amber
| rename level AS Level check AS Check what AS "What was found" to_do AS "What to do"
| table Level Check "What was found" "What to do\"""",
    "What needs attention now; it takes up to 25 seconds. Empty: everything works.",
    widths={"Check": 145, "What was found": 390, "What to do": 345},
)
QUEUE = Panel(
    "Queue",
    "table",
    """| inputlookup responder_tasks where open=1
| eval Family=mvindex(split(kind, "."), 0), State=if(state="waiting", "waiting for " . waiting_for, state)
| stats count AS Tasks min(created_at) AS oldest BY Family State
| eval Hours=round((now() - oldest) / 3600, 1)
| sort 0 -Hours Family
| rename Hours AS "Oldest (hours)"
| table Family State Tasks "Oldest (hours)\"""",
    "Empty: nothing is left to do. Click for what needs a person.",
    click=f"{CASES}?state=attention",
)
LATENCY = Panel(
    "From the alert to the effect",
    "table",
    f"""{AUDIT} step IN (task_recorded, {EFFECTS})
| dedup id
| stats min(eval(if(step="task_recorded", _time, null()))) AS recorded
    min(eval(if(step!="task_recorded", _time, null()))) AS acted BY task kind
| eval seconds=acted - recorded
| where seconds >= 0
| stats count AS Tasks perc50(seconds) AS Median perc95(seconds) AS p95 max(seconds) AS Longest BY kind
| eval Median=round(Median, 1), p95=round(p95, 1), Longest=round(Longest, 1)
| rename kind AS Task
| table Task Tasks Median p95 Longest""",
    "Seconds to the first ticket, message or change. Empty: none.",
    widths={"Task": 130, "Median": 88, "p95": 60, "Longest": 96},
)
LAG = Panel(
    "CloudTrail's delay",
    "line",
    f"""{AUDIT} {PROVED}
| dedup id
| timechart perc50(indexed_after) AS "Median until indexed" perc95(found_after) AS "95th percentile until found\"""",
    "Until indexed, and until found. Empty: no change was made.",
    unit="seconds",
)
INPUT = Panel(
    "The app's CloudTrail input",
    "line",
    """`cloudtrail_responder_ingest_index`
| timechart perc95(lag_seconds) AS "95th percentile" max(lag_seconds) AS Longest""",
    "Seconds from the newest event of a log file until the file is read. Empty: CloudTrail comes in another way.",
    unit="seconds",
)
ERRORS = Panel(
    "Errors",
    "column",
    f"""{AUDIT} step IN (failed, attempt_failed)
| dedup id
| timechart count BY error""",
    "Unavailable: a service did not answer. Empty: nothing failed.",
    unit="attempts",
)
MEMBERS = Panel(
    "Worker, by member and service",
    "table",
    f"""{ROUNDS}
| {_READ}
| stats count AS Rounds sum(due) AS due sum(tried) AS tried perc95(seconds) AS seconds latest(_time) AS newest
    BY host service
| eval held=if(due > tried, due - tried, 0), Newest=strftime(newest, "%Y-%m-%d %H:%M:%S"), seconds=round(seconds, 1)
| sort 0 host -held service
| rename host AS Member service AS Service due AS "Due" tried AS "Tried" held AS "Held back"
    seconds AS "Seconds (95th percentile)"
| table Member Service Rounds Due Tried "Held back" "Seconds (95th percentile)" Newest""",
    "Held back: left for later, as the service is slow or away. Empty: nothing due, or you may not search _internal.",
    height=260,
)

DASHBOARD = Dashboard(
    "operations",
    "Operations",
    "Health, queue, latency, errors, throttling and delays, by member.",
    (
        (
            status(
                "No audit events in this time. If alerts have fired, look at Health below; otherwise there was nothing "
                "to do."
            ),
        ),
        (HEALTH,),
        (QUEUE, LATENCY),
        (ERRORS, LAG),
        (MEMBERS,),
        (INPUT,),
    ),
    order=30,
    earliest="-24h@h",
)
