"""How a case stands, as a box in its ticket that is kept true: what to do now, the state, what was done, the timeline.

Everything that can change after the ticket was opened is in here, and nowhere else in the description.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..findings.finding import Finding
from . import remediations
from .document import Bullets, Code, Panel, Paragraph, Span, Spans, bold, code, moment, one_line, plain, shorten
from .findings import utc
from .reports import RemediationReport
from .runbooks import Runbook

RUN, UNDO, PROOF = "run", "undo", "proof"
#: Steps that are shown with their changes, newest first (the others have a line each); characters of what one says.
MAX_SHOWN, MAX_MESSAGE = 8, 600
#: Lines of the timeline: the first ones, and the newest.
FIRST, NEWEST = 7, 11
#: Characters of a person's name.
MAX_NAME = 80


@dataclass(frozen=True)
class Step:
    """What a remediation, its undo, or the look-up whether it holds has come to."""

    #: Key of its task.
    task: str
    #: ``run``, ``undo`` or ``proof``.
    kind: str
    report: RemediationReport
    #: Of an undo or a proof: the task of the remediation that it is about.
    of: str = ""
    is_undoable: bool = False


@dataclass(frozen=True)
class Standing:
    """How a case stands. ``steps``: oldest first."""

    case: str
    steps: tuple[Step, ...] = ()
    #: When the app has recorded it (epoch seconds); 0 where that is not known.
    found_at: float = 0.0
    #: Until when it is excused, by whom and why, as a sentence; empty where it is not.
    excused: str = ""
    excused_at: float = 0.0
    #: How people were first notified, and when.
    notified: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class _State:
    words: str
    kind: str
    #: What a person does now. ``{playbook}`` and ``{task}`` are ours.
    do_now: str
    #: The same in a chat, where it is put otherwise there.
    in_chat: str = ""


_FOUND = _State("Found; nothing was changed by this app", "error", "")
_EXCUSED = _State(
    "Excused", "note", "Nothing until the excuse ends. Close this ticket if it explains everything.",
    "Nothing until the excuse ends.",
)  # fmt: skip
#: By what it came to, gravest first: the state of a case is that of its gravest remediation.
_STATES = {
    "given_back": _State(
        "TAKEN BACK IN AWS by somebody, and calls succeed again", "error",
        "Act now: find out who took it back, contain the actor by hand or by another playbook, and retry.",
    ),
    "still_active": _State(
        "NOT CONTAINED: calls still succeed that should not", "error",
        "Act now: contain the actor by hand or by another playbook.",
    ),
    "failed": _State(
        "Failed", "error",
        "Correct what the message names, then retry the remediation, or make the change by hand.",
    ),
    "waiting": _State(
        "Waiting for approval", "warning",
        "Check the plan below. Members of the role cloudtrail_responder_analyst approve it in Splunk with "
        "`| respondapprove task={task} plan={plan}`, or reject it with `| respondapprove task={task} decision=reject`.",
        "Check the plan in the thread, then approve or reject it: with the buttons, where there are any, or in Splunk "
        "on the page Approvals.",
    ),
    "by_hand": _State("To be done by a person", "warning", "Follow the instructions below."),
    "changed": _State(
        "Changed, and not verified", "warning",
        "Look at the resource in AWS: reading it again did not show the change.",
    ),
    "refused": _State(
        "Not done: refused by a guardrail", "warning",
        "Read why below. Make the change by hand, or correct the guardrail and retry the remediation.",
    ),
    "expired": _State(
        "Not done: nobody answered in time", "warning",
        "Decide now: retry the remediation, which asks again, or make the change by hand.",
    ),
    "rejected": _State(
        "Not done: rejected by a person", "note", "Say in a comment why it is accepted, or make the change by hand.",
    ),
    "excused": _State(
        "Excused by a person", "note", "Nothing until the excuse ends.",
    ),
    "undone": _State(
        "Undone: the previous state is restored", "note",
        "Check that it was meant to be undone. If it was not, retry the remediation.",
    ),
    "simulated": _State(
        "Found, and a plan was made; nothing was changed", "error",
        "Check the plan below. Make the change by hand, or set a higher mode on the Safety tab of the app.",
    ),
    "kept": _State(
        "Contained; a person has decided to keep the change", "success", "Check what else was done, then close this.",
    ),
    "done": _State(
        "Contained and verified", "success",
        "Check in CloudTrail what else {who} did, work through the runbook, then close this ticket.",
        "Check in CloudTrail what else {who} did, and work through the runbook.",
    ),
    "already": _State(
        "Already corrected by somebody else", "success", "Check who corrected it, then close this ticket.",
    ),
}  # fmt: skip
_GRAVENESS = {status: number for number, status in enumerate(_STATES)}
_UNKNOWN = _State("See below", "info", "Read what is said below.")
#: What an undo that has not come to its end leaves of the remediation, and what a proof adds to it.
_ASKS, _WARNS = ("waiting", "still_waiting"), ("still_active", "given_back")


def panel(finding: Finding, standing: Standing, runbook: Runbook) -> Panel:
    """The box of a case's ticket."""
    status, decisive = _gravest(standing)
    state = _state(standing, status)
    blocks: list[Paragraph | Bullets | Code] = [
        Paragraph((bold("To do now: "), *_do_now(finding, state.do_now, decisive, runbook))),
        Paragraph((bold("State: "), *line(standing))),
    ]
    shown = _shown(standing)
    for step in shown[:MAX_SHOWN]:
        blocks += _step(step, standing)
    blocks += _lines(shown[MAX_SHOWN:], standing)
    blocks.append(Paragraph((bold("Timeline"),)))
    blocks.append(Bullets(tuple((plain(f"{utc(at)}: "), *said) for at, said in _time_line(finding, standing))))
    return Panel("How this case stands", tuple(blocks), standing.case, state.kind)


def to_do(finding: Finding, standing: Standing, runbook: Runbook) -> Spans:
    """What a person does now, for a chat."""
    status, decisive = _gravest(standing)
    state = _state(standing, status)
    return (bold("To do now: "), *_do_now(finding, state.in_chat or state.do_now, decisive, runbook))


def line(standing: Standing) -> Spans:
    """The state in one line: since when, and by what."""
    status, decisive = _gravest(standing)
    state = _state(standing, status)
    if standing.excused:
        return (bold(one_line(standing.excused)),)
    if decisive is None:
        return (bold(state.words),)
    at, playbook = decisive.report.finished_at, _words(decisive.report.playbook)
    since = (plain(", "), moment(utc(at), at)) if at else ()
    return (bold(state.words), *since, *((plain(" ("), code(playbook), plain(")")) if playbook else ()))


def in_short(standing: Standing) -> tuple[str, str, str]:
    """The status that decides how the case stands (empty while nothing has run; ``excused`` by a person), in words, and
    what kind of news that is: ``error``, ``warning``, ``note``, ``success`` or ``info``.
    """
    status, _ = _gravest(standing)
    state = _state(standing, status)
    return "excused" if standing.excused else status, state.words, state.kind


def _state(standing: Standing, status: str) -> _State:
    if standing.excused:
        return _EXCUSED
    return _STATES.get(status, _UNKNOWN) if status else _FOUND


def _do_now(finding: Finding, said: str, decisive: Step | None, runbook: Runbook) -> Iterator[Span]:
    ours = said or "Ask {who} whether this was intended, but not by email."
    if not said and runbook.steps:
        yield plain(runbook.steps[0])
        return
    known = {"task": decisive.task, "plan": decisive.report.plan} if decisive is not None else {}
    # What somebody calls himself is put in last: it is text, whatever it looks like.
    for number, piece in enumerate(ours.split("`")):
        said = piece.replace("{task}", known.get("task", "")).replace("{plan}", known.get("plan", ""))
        said = said.replace("{who}", _who(finding))
        if said:
            yield code(said) if number % 2 else plain(said)


def _who(finding: Finding) -> str:
    return shorten(one_line(finding.user or finding.user_arn), 100) or "whoever did it"


# What a case has come to


def _gravest(standing: Standing) -> tuple[str, Step | None]:
    """The status that decides how the case stands, and the step that has it; empty while nothing has run."""
    found = [_effective(step, standing) for step in _current(standing)]
    found = [one for one in found if one[0]]
    return min(found, key=lambda one: _GRAVENESS.get(one[0], len(_GRAVENESS)), default=("", None))


def _current(standing: Standing) -> list[Step]:
    """Of each playbook in each case the remediation that has ended last."""
    newest: dict[tuple[str, str], Step] = {}
    for step in standing.steps:
        if step.kind == RUN:
            about = step.task.partition(".")[0], step.report.playbook
            known = newest.get(about)
            if known is None or known.report.finished_at <= step.report.finished_at:
                newest[about] = step
    return list(newest.values())


def _effective(step: Step, standing: Standing) -> tuple[str, Step]:
    """What a remediation comes to with its undo and with what CloudTrail says of it."""
    later = [one for one in standing.steps if one.of == step.task]
    undone = next((one for one in reversed(later) if one.kind == UNDO and _is_after(one, step)), None)
    if undone is not None and undone.report.status in ("undone", *_ASKS, "kept"):
        return _status(undone.report), undone
    proof = next((one for one in reversed(later) if one.kind == PROOF and _is_after(one, step)), None)
    if proof is not None and proof.report.status in _WARNS:
        return proof.report.status, proof
    return _status(step.report), step


def _is_after(later: Step, step: Step) -> bool:
    return later.report.finished_at >= step.report.finished_at


def _status(report: RemediationReport) -> str:
    if report.status in _ASKS:
        return "waiting"
    if report.status == "done" and not all(change.verified for change in report.changes):
        return "changed"
    return report.status


# What is shown of it


def _shown(standing: Standing) -> list[Step]:
    """The remediations that count, newest first, each with what came of its undo and what CloudTrail says of it.

    What an earlier one has come to stands in the timeline: it would read as if it still stood.
    """
    found: list[Step] = []
    current = sorted(_current(standing), key=lambda step: step.report.finished_at, reverse=True)
    for step in current:
        later = [one for one in standing.steps if one.of == step.task and _is_after(one, step)]
        undos = {one.task for one in later if one.kind == UNDO}
        later += [one for one in standing.steps if one.of in undos]
        newest = {(one.kind, one.of): one for one in later}
        found += [step, *newest.values()]
    return found


def briefly(standing: Standing) -> list[Bullets]:
    """The same, a line each."""
    return _lines(_shown(standing), standing)


def _lines(steps: Sequence[Step], standing: Standing) -> list[Bullets]:
    lines = []
    for step in steps:
        if _is_taken_back(step, standing):
            lines.append((*_taken_back(step), plain(".")))
        else:
            lines.append(remediations.status(step.report))
    return [Bullets(tuple(lines))] if lines else []


def _is_taken_back(step: Step, standing: Standing) -> bool:
    is_undone = any(one.of == step.task and one.report.status == "undone" for one in standing.steps)
    return is_undone and step.report.status == "done"


def _taken_back(step: Step) -> Spans:
    return (bold("Done, and undone since"), plain(": "), code(_words(step.report.playbook) or "unknown playbook"))


def _step(step: Step, standing: Standing) -> Iterator[Paragraph | Bullets | Code]:
    report = step.report
    if _is_taken_back(step, standing):
        yield Paragraph(_taken_back(step))
        return
    said = shorten(one_line(report.message), MAX_MESSAGE)
    yield Paragraph(
        (
            bold(f"{remediations.title(report)}. "),
            code(_words(report.playbook) or "unknown playbook"),
            plain(f": {said}" if said else ""),
        )
    )
    for change in report.changes[:MAX_SHOWN]:
        yield Bullets((remediations.change_line(change),))
        yield from remediations.differences(change)
    yield from remediations.instructions(report)
    if step.is_undoable and report.status == "done":
        yield Paragraph((plain("To undo it: "), code(f"| respondundo task={step.task}")))


def _words(playbook: str) -> str:
    return one_line(playbook)


def _time_line(finding: Finding, standing: Standing) -> list[tuple[float, Spans]]:
    """When what happened, oldest first; of many the first and the newest. What is not known is left out."""
    found: list[tuple[float, Spans]] = []
    if finding.first_time and finding.first_time != finding.last_time:
        found.append((finding.first_time, (plain("first event"),)))
    if finding.last_time:
        found.append((finding.last_time, (plain("last event" if found else "event"),)))
    indexed = [step.report.stages["indexed"] for step in standing.steps if step.report.stages.get("indexed")]
    if indexed:
        found.append((min(indexed), (plain("indexed in Splunk"),)))
    if standing.found_at:
        found.append((standing.found_at, (plain("found"),)))
    found += [(at, (plain(how),)) for how, at in standing.notified]
    for step in standing.steps:
        found += _stages(step)
    if standing.excused and standing.excused_at:
        found.append((standing.excused_at, (plain("excused"),)))
    # Of what came about at the same moment, the order here counts: CloudTrail's times have whole seconds.
    found.sort(key=lambda entry: entry[0])
    if len(found) <= FIRST + NEWEST:
        return found
    return [*found[:FIRST], *found[-NEWEST:]]


def _stages(step: Step) -> Iterator[tuple[float, Spans]]:
    """The stages of a remediation, and how it ended, unless that is its last stage."""
    report = step.report
    by = shorten(one_line(report.approved_by), MAX_NAME)
    words = {
        "asked": "waiting for approval",
        "approved": f"approved by {by}" if by else "approved",
        "changed": "contained",
        "verified": "verified",
    }
    found = {stage: at for stage, at in report.stages.items() if stage in words and at}
    for stage, said in words.items():
        if stage in found:
            yield found[stage], _named(said, report)
    last = {"waiting": "asked", "done": "verified"}.get(report.status, "")
    if report.finished_at and last not in found:
        yield report.finished_at, _named(remediations.title(report), report)


def _named(said: str, report: RemediationReport) -> Spans:
    return (plain(f"{said} ("), code(_words(report.playbook)), plain(")"))
