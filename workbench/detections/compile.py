"""Compiles a detection to what Splunk runs: its search, its filter macro, its stanza in savedsearches.conf.

Facts: savedsearches.conf.spec and macros.conf.spec of Splunk Enterprise 10.4.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from tools import playbooks

from . import base_search, baselines, enterprise_security, frameworks, layout, schedule
from .model import SOURCES, Detection, seconds
from .shared_macros import expanded

#: savedsearches.conf.spec, alert.severity: 2 info, 3 warn, 4 error, 5 severe, 6 fatal.
ALERT_SEVERITY = {"informational": 2, "low": 3, "medium": 4, "high": 5, "critical": 6}
MARK = "# ---- compiled from detections/; not to be edited ----"
#: What other apps extract, compute or look up ends here (package/default/macros.conf says why).
DOOR = "| `cloudtrail_drop_extracted_fields`"
#: Behind it every event is one record, whatever it came in.
NORMALIZED = "| `cloudtrail_normalize`"
Stanzas = dict[str, dict[str, str]]

#: What two results have in common only if they are the same finding once more.
SUPPRESS_FIELDS = ("dedup_key", "event_ids", "event_count", "last_time")
#: As long as an event may arrive late, so may a copy of it.
SUPPRESS_PERIOD = "24h"

HEADING = """\
# Each run triggers one alert with all its findings (digest mode). A run reads a slice of index time of its own, which
# ends some minutes before it: slices touch and never overlap, so each event is found once, by whatever action. The
# window is on index time, so that events that CloudTrail delivers late are found when they arrive.
# Splunk's own throttle is off, because what it suppresses reaches no action, ours neither. It is prepared by what makes
# two results the same finding: switch it on (alert.suppress = 1) where an action of another app must not see a finding
# twice because a run was repeated or a record delivered once more. To hear of a case less often is the business of our
# actions: they wait throttle_seconds per dedup key, and then tell of everything that came in.
"""


def search_of(detection: Detection) -> str:
    """The search as shipped; it ends in the finding contract."""
    mapped = detection.finding
    lines = [baselines.comparison(detection.id, behind_the_door(detection), detection.baseline)]
    if detection.schedule.overlap_minutes:
        lines.append(f"| `cloudtrail_new_in_slice({detection.schedule.slice_minutes})`")
    if detection.severity_when_denied is None:
        lines.append('| where outcome="success"')
    severity = mapped.severity or f'"{detection.severity}"'
    if detection.severity_when_denied is not None:
        severity = f'if(outcome="failure", "{detection.severity_when_denied}", {severity})'
    key = f'"{detection.id}:" . coalesce(vendor_account, "-")'
    if mapped.scope != "account":
        key += ' . ":" . coalesce(vendor_region, "-")'
    key += f' . ":" . coalesce({mapped.dedup}, "-")'
    # A denied call is a case of its own, or the success after it would be a comment on a minor ticket.
    key += ' . if(outcome="failure", ":denied", "")'
    fields = {
        "signature": f'"{detection.title}"',
        "mitre_technique_id": f'"{detection.mitre_attack_id[0]}"',
        "object_category": mapped.object_category,
        "object_id": mapped.object_id,
        "severity": severity,
        "recommended_playbook": _playbook(detection),
        "dedup_key": key,
        "reason": mapped.reason,
        "detail": mapped.detail,
    }
    mapped_to = (f"| eval {name}={expression}" for name, expression in fields.items() if name != expression)
    lines += map(layout.broken, mapped_to)
    lines.append(f"| `cloudtrail_apply_exceptions({detection.id})`")
    lines.append(f"| `{detection.id}_filter`")
    if not mapped.grouped:
        group = "cloudtrail_group_actors" if mapped.by_actor else "cloudtrail_group"
        lines.append(f"| `{group}({mapped.items or 'items'})`")
    lines.append(f"| eval throttle_seconds={seconds(detection.throttle_period)}")
    lines.append(f"| `cloudtrail_finding({detection.id})`")
    return "\n".join(lines)


def behind_the_door(detection: Detection) -> str:
    """Its search, with what other apps have extracted dropped right after the base search.

    Of CloudTrail, events in every shape are found, and go on as the records that they carry.
    """
    base, _, rest = detection.search.partition("\n|")
    if "|" in base or not rest:
        raise ValueError(f"Detection {detection.id}: the base search is a line of its own, without a pipe.")
    if detection.source != "cloudtrail":
        return f"{base}\n{DOOR}\n|{rest}"
    index = SOURCES["cloudtrail"]
    terms, wanted = base_search.parted(base.partition(index)[2], expanded)
    found = base_search.widened(wanted, expanded(wanted))
    return "\n".join([" ".join([index, *terms, found]), DOOR, NORMALIZED, base_search.asked_again(wanted), f"|{rest}"])


def _playbook(detection: Detection) -> str:
    if detection.finding.playbook:
        return detection.finding.playbook
    if not detection.recommended_playbook:
        return "null()"
    return f'if(outcome="success", "{detection.recommended_playbook}", null())'


def name_of(detection: Detection) -> str:
    """Name of the saved search, as lists of alerts show it."""
    return f"CloudTrail Responder - {detection.title}"


def macros_of(detections: Iterable[Detection]) -> Stanzas:
    """One filter macro per detection, which passes everything until it is overridden; and the app's own calls."""
    filters = {f"{d.id}_filter": {"definition": "search *", "iseval": "0"} for d in detections}
    return {"cloudtrail_own_calls": {"definition": f'"{playbooks.own_calls()}"', "iseval": "0"}, **filters}


def saved_searches(detections: Iterable[Detection]) -> Stanzas:
    """Every detection, and for each baseline the scheduled search that updates it."""
    made = {}
    for detection in detections:
        made[name_of(detection)] = saved_search(detection)
        if detection.baseline:
            made[baseline_name_of(detection)] = baseline_search(detection)
    return made


def baseline_name_of(detection: Detection) -> str:
    return f"CloudTrail Responder - baseline: {detection.title}"


def baseline_search(detection: Detection) -> dict[str, str]:
    """Over its period and the window of the detection, so that it sees every burst whole."""
    if detection.baseline is None:
        raise ValueError(f"Detection {detection.id} has no baseline.")
    return {
        "description": f'Updates the baseline of the detection "{detection.title}". Enable both together. '
        "Run it once over the last 30 days to start with a baseline.",
        "search": baselines.update(detection.id, behind_the_door(detection), detection.baseline),
        "disabled": "1",
        **_scheduled(detection, baseline_cron(detection), detection.schedule.baseline_window_minutes, 0),
    }


def _scheduled(detection: Detection, cron_schedule: str, window: int, settle: int) -> dict[str, str]:
    """When it runs, and over which events: those indexed from ``window`` to ``settle`` minutes before."""
    return {
        "enableSched": "1",
        "cron_schedule": cron_schedule,
        "dispatch.earliest_time": f"-{detection.schedule.lookback}",
        "dispatch.latest_time": "+1h",
        "dispatch.index_earliest": f"-{window}m@m",
        "dispatch.index_latest": f"-{settle}m@m" if settle else "@m",
        "realtime_schedule": "0",
        "schedule_window": "auto",
        # Starts are spread by their minutes already; windows that touch are not to be moved.
        "allow_skew": "0",
        "request.ui_dispatch_app": "cloudtrail_responder",
        "request.ui_dispatch_view": "search",
    }


def saved_search(detection: Detection) -> dict[str, str]:
    return {
        "description": detection.description,
        "search": search_of(detection),
        "disabled": "0" if detection.enabled_by_default else "1",
        **_scheduled(detection, cron(detection), detection.schedule.window_minutes, detection.schedule.settle_minutes),
        "counttype": "number of events",
        "relation": "greater than",
        "quantity": "0",
        "alert.digest_mode": "1",
        "alert.suppress": "0",
        "alert.suppress.fields": ",".join(SUPPRESS_FIELDS),
        "alert.suppress.period": SUPPRESS_PERIOD,
        "alert.track": "1",
        "alert.severity": str(ALERT_SEVERITY[detection.severity]),
        "alert.expires": "7d",
        **enterprise_security.settings(detection, name_of(detection)),
    }


def cron(detection: Detection) -> str:
    return schedule.cron(detection.id, detection.schedule.every_minutes)


def baseline_cron(detection: Detection) -> str:
    return schedule.cron(f"baseline {detection.id}", schedule.BASELINE_EVERY)


def runs_an_hour(detections: Iterable[Detection]) -> float:
    """What the search head pays with all of them and their baselines enabled."""
    return sum(one.schedule.runs_an_hour + (60 / schedule.BASELINE_EVERY if one.baseline else 0) for one in detections)


def runbooks(detections: Iterable[Detection]) -> str:
    """What tickets say of each detection beside its finding: a JSON object by id, the same bytes on every run."""
    found = {
        one.id: {"runbook": list(one.runbook), "false_positives": list(one.false_positives)} for one in detections
    }
    return json.dumps(dict(sorted(found.items())), ensure_ascii=False, indent=0) + "\n"


def detections_csv(detections: Iterable[Detection]) -> str:
    """The lookup ``responder_detections``: for searches of people, a row for each tactic of a detection."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("signature_id", "signature", "search_name", "severity", "tactic"))
    for one in sorted(detections, key=lambda one: one.id):
        for tactic in frameworks.tactics(one.techniques):
            table.writerow((one.id, one.title, name_of(one), one.severity, tactic))
    return text.getvalue()


def conf_text(stanzas: Stanzas, heading: str = "") -> str:
    """Stanzas as a .conf file; a value's lines are continued by a backslash."""
    blocks = [heading.rstrip()] if heading else []
    for name, values in stanzas.items():
        lines = [f"{key} = " + value.replace("\n", " \\\n") for key, value in values.items()]
        blocks.append("\n".join([f"[{name}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def add_to(existing: str, stanzas: Stanzas, heading: str = "") -> str:
    """A hand-written .conf text with the compiled stanzas after it; compiling again replaces them.

    Raises ValueError when a stanza is written by hand and compiled as well.
    """
    by_hand = existing.partition(MARK)[0].rstrip()
    for name in stanzas:
        if f"[{name}]" in by_hand.splitlines():
            raise ValueError(f"The stanza [{name}] is written by hand and compiled from detections/: remove one.")
    compiled = conf_text(stanzas, f"{MARK}\n{heading}")
    return f"{by_hand}\n\n{compiled}" if by_hand else compiled
