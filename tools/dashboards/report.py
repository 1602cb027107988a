"""The weekly report: a saved search that an administrator enables, and has sent by email if wanted."""

from __future__ import annotations

from .definition import AUDIT, PROVED

NAME = "CloudTrail Responder - weekly report"
WHAT = "A report for people, off as shipped."
SEARCH = f"""{AUDIT} (step IN (task_recorded, change_applied, undone, remediation_simulated, failed) OR {PROVED})
| dedup id
| eval week=strftime(_time, "%G-W%V")
| stats dc(eval(if(step="task_recorded", case_id, null()))) AS Cases
    dc(eval(if(step="task_recorded" AND match(severity, "^(critical|high)$"), case_id, null()))) AS "Critical or high"
    sum(eval(if(step="change_applied", 1, 0))) AS "Changes made" sum(eval(if(step="undone", 1, 0))) AS "Taken back"
    dc(eval(if(step="remediation_simulated", object, null()))) AS "Only simulated"
    sum(eval(if(step="failed", 1, 0))) AS Failed perc50(verified_after) AS median perc95(verified_after) AS p95 BY week
| eval median=round(median), p95=round(p95)
| rename week AS Week median AS "Seconds to contain (median)" p95 AS "Seconds to contain (95th percentile)\""""


def stanza() -> str:
    """For savedsearches.conf. It is nobody's, so its schedule runs it as the system."""
    settings = {
        "description": "Cases, changes and time to contain, by week. Enable it to have it every Monday; to have it "
        "sent, edit its schedule and add the action Send email.",
        "search": SEARCH.replace("\n", " \\\n"),
        "disabled": "1",
        "enableSched": "1",
        "cron_schedule": "0 7 * * 1",
        "schedule_window": "auto",
        "dispatch.earliest_time": "-4w@w1",
        "dispatch.latest_time": "@w1",
        "request.ui_dispatch_app": "cloudtrail_responder",
        "action.email.subject": "CloudTrail Responder: the week in AWS",
        "action.email.sendresults": "1",
        "action.email.inline": "1",
        "action.email.format": "table",
        "action.email.sendpdf": "1",
    }
    return f"[{NAME}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
