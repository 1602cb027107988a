"""What a ticket or a thread says that tells of several cases: docs/incidents.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..cases.keys import case_of_event, lane_of
from ..cases.outcomes import Notified, Remediated
from ..cases.task import Task
from ..documents import incidents, remediations
from ..documents.document import Document
from ..documents.incidents import CaseLine
from ..documents.reports import TicketLink
from ..findings import merging
from ..findings.finding import Finding, severity_rank
from .base import Context, request_text
from .digest import Digest
from .lane_view import case_told_of
from .reports import case_report, remediation_report, with_origin
from .run_reports import remediations as remediations_of

#: Findings in one text from which on they are attached as a table, too.
ATTACHED = 4


def opening(news: Digest) -> Digest:
    """What begins a ticket or a thread: of several cases what they have in common."""
    if not news.has_several_cases:
        return news
    found = _findings(news)
    gravest = max(found, key=lambda one: severity_rank(one.severity))
    if len({one.signature_id for one in found}) > 1:
        # They differ in what happened: the gravest is told whole, and the others in the table.
        return replace(news, finding=replace(gravest, event_ids=news.finding.event_ids))
    shared = merging.of_run(found, gravest.signature)
    return replace(news, finding=replace(shared, rows=(), row_count=0, batch="", throttle_seconds=0.0))


def opened_with(
    news: Digest, summary: str, document: Document, shown: int = incidents.SHOWN_IN_TICKET
) -> tuple[str, Document]:
    """The texts that begin a ticket, with a table where there are several cases."""
    if not news.has_several_cases:
        return summary, document
    found = _findings(news)
    cases = len({case_told_of(task) for task, _ in news.parts})
    blocks = (*document.blocks, *incidents.table(found, shown))
    return incidents.title(summary, cases), replace(document, blocks=blocks)


def comment(context: Context, news: Digest, reported: Mapping[str, Remediated]) -> Document | None:
    """The comment where the news are of another case than the lane's own; None for the ordinary one."""
    if not _tells_of_several(context, news):
        return None
    found, ids = _findings(news), news.finding.event_ids
    case = with_origin(context, case_report(context), found[0] if len(found) == 1 else None)
    known = lines(context, news, reported)
    return incidents.comment(found, case, _is_known(context), ids, news.listed_before, known)


def reply(
    context: Context, news: Digest, reported: Mapping[str, Remediated], ticket: TicketLink | None
) -> Document | None:
    """The same in a thread."""
    if not _tells_of_several(context, news):
        return None
    known, found = lines(context, news, reported), _findings(news)
    case = with_origin(context, case_report(context), found[0] if len(found) == 1 else None)
    return incidents.reply(found, _is_known(context), news.finding.event_ids, known, ticket, case)


def reported(context: Context, news: Digest) -> Mapping[str, Remediated]:
    """What the list of all cases says of their remediations; it is asked for only where it is shown."""
    return remediations_of(context) if _tells_of_several(context, news) else {}


def attached(news: Digest) -> Finding:
    """The finding of which the rows are attached: many cases have a table."""
    found = _findings(news)
    if not news.has_several_cases or len(found) < ATTACHED:
        return news.finding
    return merging.of_run(found, found[0].signature)


def lines(context: Context, news: Digest, reported: Mapping[str, Remediated]) -> list[CaseLine]:
    """Every case that the ticket or thread tells of, the news too, the gravest first."""
    return lines_of(context, context.task.kind, reported, {task.key for task, _ in news.parts})


def lines_of(
    context: Context, kind: str, reported: Mapping[str, Remediated], now: Collection[str] = ()
) -> list[CaseLine]:
    """The same of what was told of. ``kind``: of the tasks that tell; ``now``: keys of those that are about to."""
    states = _states(reported)
    found: dict[str, CaseLine] = {}
    for task in context.lane:
        if task.kind != kind or not task.subject or not (task.final or task.key in now):
            continue
        about = task.subject
        case, severity = str(about.get("case")), str(about.get("severity"))
        known = found.get(case)
        if known is None or severity_rank(severity) > severity_rank(known.severity):
            resource = str(about.get("resource") or "")
            found[case] = CaseLine(case, severity, str(about.get("signature")), resource, states.get(case, ""))
    return sorted(found.values(), key=lambda line: -severity_rank(line.severity))


def several(context: Context, kind: str, reported: Mapping[str, Remediated]) -> list[CaseLine]:
    """The same, where they are several."""
    found = lines_of(context, kind, reported) if has_other_cases(context) else []
    return found if len(found) > 1 else []


def told_by(context: Context, reporter: Task | None = None) -> Task | None:
    """Which task has told of the case whose remediation a task reports: the newest. None where it is the lane's own.

    ``reporter``: the task that reports it, if it is another one of the lane.
    """
    about = request_text((reporter or context.task).request, "about")
    case = lane_of(about).case_id
    if case == context.case_id:
        return None
    told = [task for task in context.lane if isinstance(task.outcome, Notified) and _tells_of(task.outcome, case)]
    own = [task for task in told if task.owner == context.task.owner]
    return max(own or told, key=_turn, default=None)


def _turn(task: Task) -> int:
    return task.outcome.turn if isinstance(task.outcome, Notified) else 0


def _tells_of(outcome: Notified, case: str) -> bool:
    return any(case_of_event(name) == case for name in outcome.event_ids)


def _states(reported: Mapping[str, Remediated]) -> dict[str, str]:
    """By case: how the remediation stands that was heard of last."""
    return {
        lane_of(name.partition(":")[0]).case_id: remediations.title(remediation_report(outcome))
        for name, outcome in reported.items()
    }


def _tells_of_several(context: Context, news: Digest) -> bool:
    """Whether the lane tells of another case than its own."""
    return news.has_several_cases or has_other_cases(context)


def has_other_cases(context: Context) -> bool:
    """The same of a lane as it is."""
    return any(case_told_of(task) for task in context.lane)


def new_cases(context: Context, news: Digest) -> list[Task]:
    """Tasks of the news whose cases were not told of before."""
    known = _known(context)
    return [task for task, _ in news.parts if case_told_of(task) not in known]


def _is_known(context: Context) -> bool:
    """Whether the case of the task was told of before."""
    return case_told_of(context.task) in _known(context)


def _known(context: Context) -> set[str]:
    outcomes = (task.outcome for task in context.lane if isinstance(task.outcome, Notified))
    return {case_of_event(name) for outcome in outcomes for name in outcome.event_ids}


def found_in(news: Digest) -> list[Finding]:
    """What the news are about: of one case as one, however often it was found."""
    return _findings(news)


def _findings(news: Digest) -> list[Finding]:
    """What the news are about: of one case as one, however often it was found."""
    if not news.has_several_cases:
        return [news.finding]
    return [task.finding for task, _ in news.parts if task.finding is not None]
