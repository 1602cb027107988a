"""Documentation generated from the detections: a page each, an index with a chart, and an ATT&CK Navigator layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools import playbooks

from . import answers, cost, enterprise_security, frameworks, navigator, needed, picture
from .baselines import FirstSeen
from .compile import baseline_cron, baseline_name_of, cron, name_of, search_of
from .model import Detection
from .schedule import Schedule

NOTE = "<!-- Generated from detections/ by `python -m workbench compile`; edit the YAML file instead. -->"


def pages(detections: Sequence[Detection]) -> dict[str, str]:
    """Text by file name below docs/detections/."""
    known, guides = {playbook.id: playbook for playbook in playbooks.load()}, playbooks.guides()
    made = {f"{detection.id}.md": page(detection, known, guides) for detection in detections}
    made["index.md"] = index(detections)
    made[cost.FILE] = cost.page(detections, NOTE)
    made[needed.FILE] = needed.page(detections, NOTE)
    made[navigator.FILE] = navigator.layer(detections)
    made[picture.FILE] = picture.picture(detections)
    made[answers.FILE] = answers.page(detections, known, guides, NOTE)
    return made


def index(detections: Iterable[Detection]) -> str:
    lines = [NOTE, "", "# Detections", "", f"![Detections by family and severity]({picture.FILE})", ""]
    lines += [f"Coverage for the [ATT&CK Navigator](https://mitre-attack.github.io/attack-navigator/): "
              f"[{navigator.FILE}]({navigator.FILE}) (Open Existing Layer, Upload from local).", ""]  # fmt: skip
    lines += [f"Techniques are those of ATT&CK {frameworks.VERSION}. Of a renumbered one, the ID until version 18 "
              "stands first, which many products still show, and the present one second.", ""]  # fmt: skip
    lines += [f"[Fields of an event that each of them needs]({needed.FILE}), if you trim or mask events.", ""]
    lines += [f"[What answers each of them]({answers.FILE}): playbook, guide for a person, or the reason for neither.",
              ""]  # fmt: skip
    lines += [f"[What each of them costs a search head]({cost.FILE}): runs an hour, windows, literal terms.", ""]
    lines += ["| detection | family | severity | when denied | ATT&CK | playbook | enabled as shipped |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for one in sorted(detections, key=lambda detection: (detection.family, detection.id)):
        enabled = "yes" if one.enabled_by_default else "no"
        playbook = one.recommended_playbook or "none"
        lines.append(
            f"| [{one.title}]({one.id}.md) | {one.family} | {one.severity} "
            f"| {one.severity_when_denied or 'no finding'} | {', '.join(one.techniques)} | {playbook} "
            f"| {enabled} |"
        )
    return "\n".join(lines) + "\n"


def page(detection: Detection, known: Mapping[str, Any], guides: Mapping[str, Any]) -> str:
    """``known``, ``guides``: playbooks and guides by id."""
    schedule = detection.schedule
    facts = [
        ("id", f"`{detection.id}`"),
        ("saved search", name_of(detection)),
        ("family", detection.family),
        ("severity", f"{detection.severity}; when denied: {detection.severity_when_denied or 'no finding'}"),
        ("ATT&CK", ", ".join(map(_technique, detection.techniques))),
        ("answer", _answer(*answers.of(detection, known, guides))),
        *answers.permissions(detection, known),
        ("fields", f"[what it reads of an event]({needed.FILE})"),
        ("urgency", f"{schedule.urgency}: every {schedule.every_minutes} minutes"),
        ("runs", f"`{cron(detection)}`, over events indexed from {schedule.slice_minutes} to "
         f"{schedule.settle_minutes} minutes before{_context(schedule)}, and not older than {schedule.lookback}"),
        ("baseline", _baseline(detection)),
        ("throttle", f"at most one ticket comment and Slack reply per case every {detection.throttle_period}"),
        ("in Enterprise Security", _enterprise_security(detection)),
        ("as shipped", "enabled" if detection.enabled_by_default else "disabled"),
        ("tuning", f"macro `{detection.id}_filter`"),
    ]  # fmt: skip
    lines = [NOTE, "", f"# {detection.title}", "", detection.description, "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in facts]
    for heading, items in (
        ("Runbook", detection.runbook),
        ("Known false positives", detection.false_positives),
        ("Blind spots", detection.blind_spots),
        ("References", [f"<{address}>" for address in detection.references]),
    ):
        lines += ["", f"## {heading}", "", *(f"- {item}" for item in items)]
    lines += ["", "## Search", "", "```spl", search_of(detection), "```"]
    return "\n".join(lines) + "\n"


def _answer(link: str, what: str) -> str:
    return f"{link} ({what.rstrip('.')})" if what else link


def _technique(technique: str) -> str:
    until = " (until version 18)" if technique in frameworks.RENUMBERED else ""
    return f"[{technique}]({technique_page(technique)}){until}"


def _enterprise_security(detection: Detection) -> str:
    made, domain = enterprise_security.annotations_of(detection), enterprise_security.security_domain(detection)
    risk = [
        f"`{one['risk_object_field']}` {one['risk_score']}"
        for one in enterprise_security.risk(detection)
        if "risk_object_field" in one
    ]
    return (
        f"domain {domain}, story *{made['analytic_story'][0]}*, {made['type']}; "
        f"{', '.join([*made['kill_chain_phases'], *made['cis20'], *made['nist']])}; risk {', '.join(risk)}"
    )


def _context(schedule: Schedule) -> str:
    return f" (with the {schedule.overlap_minutes} minutes before those)" if schedule.overlap_minutes else ""


def _baseline(detection: Detection) -> str:
    if detection.baseline is None:
        return "none"
    name = f"the saved search *{baseline_name_of(detection)}* (`{baseline_cron(detection)}`)"
    if isinstance(detection.baseline, FirstSeen):
        days = detection.baseline.learning_days
        until = f"quiet until a subject has been in it for {days} days"
        return f"needs {name}, which keeps the lookup `responder_first_seen`; " + (
            until if days else "what is not in it is new, from the first day on"
        )
    return (
        f"with {name}, which keeps the lookup `responder_usual_volume`, quiet below twice the usual volume; without it "
        "only the threshold applies"
    )


def technique_page(technique: str) -> str:
    return f"https://attack.mitre.org/techniques/{technique.replace('.', '/')}/"
