"""Carries out what people answered in a ticket (``answer_carrying.py``): about what it shows, and nothing else.

An approval counts only for an asking that the ticket had shown before it was given (``jira_shown.py``): whatever was
asked since, the person has not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..cases.outcomes import Remediated
from ..cases.states import State, WaitingFor
from ..cases.task import TASKS, Task
from ..errors import DamagedDocument, NotDone, NotFound, NotPermitted, Rejected, ResponderError, one_line
from ..jira.comment_text import ALL, HELP, PREFIX, RETRY, STATUS, UNDO
from ..remediation.verdicts import JIRA
from ..settings.jira_answers import APPROVE, EXCUSE, REJECT
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import answer_carrying, answer_records, answering, jira_tickets, told_cases, which_plan
from .answer_carrying import Carried, Way
from .answer_records import ANSWERS, Recorded
from .answering import Answerer
from .excusing import excuse
from .excusing_all import excuse_all
from .jira_shown import How, ShownTo
from .jira_tickets import OurTicket
from .retrying import check, retry
from .services import Services
from .undoing import RUN, undo
from .waiting_list import summary_of, until_when, waiting

if TYPE_CHECKING:
    from ..jira.changes import Changes

USAGE = (
    f"{PREFIX} approve [PLAN], reject [PLAN], undo [TASK], excuse [CASE] [DAYSd] REASON, excuse {ALL} DAYSd REASON, "
    "retry or status, on the first line of a comment."
)
#: Remediations that one answer names, or tries again, at most; and those of a ticket that are looked at, the newest. A
#: ticket of a run reports those of all of its rows.
MOST, MOST_TASKS = 10, 200
#: Seconds in which somebody who may not answer is told so once, on one ticket.
TOLD_ONCE = 3_600.0
_ONE_OF_MANY = "Name one of them: {}"
_EDITED = (
    "Not approved: somebody has edited or deleted what this ticket showed, so you may have read another plan. The one "
    "that waits is shown below. If you agree with it, approve it again:"
)


def carry_out(splunkd: Splunkd, services: Services, answer: Recorded) -> str | None:
    """As ``answer_carrying.carry_out``."""
    return answer_carrying.carry_out(splunkd, services, WAY, answer)


def _who(splunkd: Splunkd, services: Services, config: Configuration, answer: Recorded) -> Answerer:
    site = config.jira_site(answer.workspace)
    if not site.answers.are_taken:
        raise NotPermitted("Nobody may answer in this site's tickets any more.", "Answer in Splunk.")
    services.begin(splunkd)
    services.gate(f"jira:{site.name}")
    account = services.tickets(site, config.http).accounts.who(answer.user)
    return Answerer(account.by, JIRA, account.is_identified, run=answer.key, since=answer.at)


def _ours(splunkd: Splunkd, answer: Recorded) -> OurTicket:
    ours = jira_tickets.load(splunkd, answer.case_id, answer.workspace, answer.ticket, answer.ticket_key)
    if ours is None:
        raise NotFound("The record of this ticket's case was removed.", "Look at the audit events in Splunk.")
    return ours


# -- approve and reject


def _approved(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    ours = _ours(splunkd, answer)
    rows = _waiting(splunkd, ours, answer.plan)
    if not rows:
        return _given_before(splunkd, ours, answer, who)
    shown_to = ShownTo(splunkd, _changes(splunkd, services, answer), ours, answer)
    asks = {row["task"]: shown_to.asking(row["task"]) for row in rows}
    before = [row for row in rows if asks[row["task"]][1] is not How.NOT_YET]
    shown = [row for row in before if asks[row["task"]][1] is How.SHOWN]
    again = () if shown else tuple(row["task"] for row in before)
    if not before:
        raise NotDone(
            "This ticket had not shown the plan when you approved.", "Read the plan that it shows, then approve again."
        )
    if which_plan.are_several(before):
        lead = "No plan is named, and several wait, so nothing was approved. Approve what you have read:"
        lines = which_plan.listed(before, lambda plan: f"{PREFIX} approve {plan}")
        return Carried("\n".join([lead, *lines]), shows=again)
    if not shown:
        return Carried(f"{_EDITED} {PREFIX} approve {before[0]['plan']}", shows=again)
    given = {task: ask for task, (ask, _) in asks.items()}
    return which_plan.approved(splunkd, services, shown, who, given).said()


def _changes(splunkd: Splunkd, services: Services, answer: Recorded) -> Changes:
    config = Configuration(splunkd)
    found: Changes = services.tickets(config.jira_site(answer.workspace), config.http).changes
    return found


def _rejected(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    """Whatever of the ticket waits: a no needs no reading."""
    ours = _ours(splunkd, answer)
    rows = which_plan.meant(_waiting(splunkd, ours, answer.plan), answer.plan)
    if not rows:
        return _given_before(splunkd, ours, answer, who)
    return which_plan.rejected(splunkd, services, rows, who).said()


def _waiting(splunkd: Splunkd, ours: OurTicket, plan: str = "") -> list[dict[str, Any]]:
    """What waits of the remediations that a ticket reports, as ``waiting_list`` shows it; of one plan, where named."""
    reported = (task for task in _tasks(splunkd, ours.remediations) if task.state is State.WAITING)
    cases = dict.fromkeys((ours.case, *(task.case_id for task in reported if plan in ("", _plan_of(task) or plan))))
    rows = [row for case in cases for row in waiting(splunkd, case)[0]]
    mine = [row for row in rows if row["task"] in ours.remediations or row["case"] == ours.case]
    return [row for row in mine if plan in ("", row.get("plan"))]


def _plan_of(task: Task) -> str:
    """The plan that was reported last; empty where none was."""
    return task.outcome.plan_digest if isinstance(task.outcome, Remediated) else ""


def _given_before(splunkd: Splunkd, ours: OurTicket, answer: Recorded, who: Answerer) -> Carried:
    """This very answer may have counted, and whoever carried it out has died. Raises NotFound where it has not."""
    if answering.was_given(splunkd, ours.remediations, who, answer.verb, answer.plan):
        return Carried("It was noted.", is_reported=True)
    what = "The plan that you named does not wait" if answer.plan else "Nothing in this ticket waits"
    raise NotFound(f"{what} for an approval.", f"Comment {PREFIX} status to see how it stands.")


# -- the other verbs


def _undone(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    done = [task for task in _remediations(splunkd, _ours(splunkd, answer)) if _is_done(task)]
    if answer.task:
        done = [task for task in done if task.key == answer.task]
    if not done:
        raise NotFound("This ticket shows no change that can be undone.", f"Comment {PREFIX} status.")
    if len(done) > 1:
        names = ", ".join(f"{PREFIX} undo {task.key}" for task in done[:MOST])
        raise Rejected(f"This ticket shows {len(done)} changes.", _ONE_OF_MANY.format(names))
    return answer_carrying.undone(undo(splunkd, services, done[0].key, who))


def _is_done(task: Task) -> bool:
    return isinstance(task.outcome, Remediated) and task.outcome.status == "done"


def _remediations(splunkd: Splunkd, ours: OurTicket) -> list[Task]:
    """Those that a ticket reports, and all of its own case; oldest first."""
    own = splunkd.find(TASKS, {"case_id": ours.case, "kind": RUN}, fields="_key")
    keys = dict.fromkeys([*(str(one["_key"]) for one in own), *ours.remediations])
    found = (task for task in _tasks(splunkd, list(keys)) if task.kind == RUN)
    return sorted(found, key=lambda task: task.created_at)


def _tasks(splunkd: Splunkd, keys: Sequence[str]) -> Iterator[Task]:
    """The newest of these, as far as they can be read."""
    for query in any_of("_key", keys[-MOST_TASKS:]):
        for document in splunkd.find(TASKS, query):
            try:
                yield Task.from_document(document)
            except DamagedDocument:
                # The worker closes it, and says so.
                continue


def _retried(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    tried = [task for task in _remediations(splunkd, _ours(splunkd, answer)) if _is_stuck(task)]
    if answer.task:
        tried = [task for task in tried if task.key == answer.task]
    if not tried:
        raise NotFound("Nothing of this ticket has failed, or waits for a person.", f"Comment {PREFIX} status.")
    reports = [retry(splunkd, services, task.key, who) for task in tried[:MOST]]
    left = f" {len(tried) - MOST} more have failed or wait: comment {PREFIX} retry again." if len(tried) > MOST else ""
    return Carried(f"You have asked to try it again. {' '.join(report.message for report in reports)}{left}")


def _is_stuck(task: Task) -> bool:
    waits = task.state is State.WAITING and task.waiting_for in (WaitingFor.PERSON, WaitingFor.SERVICE)
    try:
        check(task)
    except ResponderError:
        return False
    return waits or task.state in (State.FAILED, State.REFUSED)


def _status(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    ours = _ours(splunkd, answer)
    lines = [_line(row) for row in _waiting(splunkd, ours)[:MOST]]
    lines += [f"{task.key} ({task.state.value}): {task.message}" for task in _remediations(splunkd, ours)[-MOST:]]
    if len(ours.cases) > 1:
        lines += ["To excuse one of its cases:", *_cases(splunkd, ours, "REASON")]
    return Carried("\n".join(lines) or "This ticket has no remediation.")


def _excused(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    ours, config = _ours(splunkd, answer), Configuration(splunkd)
    usual = min(config.jira_site(answer.workspace).answers.excuse_days, config.safety.longest_excuse_days)
    if answer.task == ALL:
        return _all_excused(splunkd, services, ours, answer, who)
    if answer.task and answer.task not in ours.cases:
        raise NotFound("This ticket does not report that case.", f"Comment {PREFIX} status for those that it does.")
    if not answer.task and len(ours.cases) > 1:
        lead = f"This ticket reports {len(ours.cases)} cases, and none is named, so nothing was excused. Name one:"
        rest = f"{answer.days or usual}d REASON"
        every = f"Or excuse all that you have read of: {PREFIX} excuse {ALL} {rest}"
        return Carried("\n".join([lead, *_cases(splunkd, ours, rest), every]))
    found = excuse(splunkd, services, answer.task or ours.case, answer.days or usual, answer.text, who)
    return Carried(found.message, is_reported=True)


def _all_excused(
    splunkd: Splunkd, services: Services, ours: OurTicket, answer: Recorded, who: Answerer
) -> Carried:
    """Each case that the ticket had told of when the person said so. What came later, nobody has read yet."""
    # By splunkd's clock.
    given_at = answer.given_at - _changes(splunkd, services, answer).now() + splunkd.now()
    found = excuse_all(splunkd, services, ours.told_at, given_at, answer.days, answer.text, who)
    lines = [*found.refused]
    if found.left:
        lines.append(f"{found.left} more are not excused yet: comment the same again.")
    if found.newer:
        lines += ["Reported since, and not excused:", *_cases(splunkd, ours, f"{answer.days}d REASON", found.newer)]
    return Carried("\n".join([found.sentence, *lines]), is_reported=bool(found.number) and found.is_whole)


def _cases(splunkd: Splunkd, ours: OurTicket, rest: str, only: Sequence[str] = ()) -> Iterator[str]:
    """How each case of a ticket is excused."""
    cases = only or ours.cases
    known = {str(case["_key"]): case for case in told_cases.documents(splunkd, cases[:MOST])}
    for case in cases[:MOST]:
        about = known.get(case, {})
        yield f"{PREFIX} excuse {case} {rest} - " + one_line(
            ": ".join(filter(None, (about.get("severity"), about.get("signature"), about.get("resource"))))
        )
    if len(cases) > MOST:
        yield f"And {len(cases) - MOST} more: see the case in Splunk."


def _line(row: dict[str, Any]) -> str:
    return f"Plan {row.get('plan') or 'none'} waits{until_when(row)}: {summary_of(row)}"


def _helped(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    return Carried(USAGE)


def _owes_reply(splunkd: Splunkd, answer: Recorded, carried: Carried, is_permitted: bool) -> bool:
    """Whoever may not answer reads so once in a while, and not as often as he tries."""
    if is_permitted:
        return not carried.is_reported
    since = {"ticket": answer.ticket, "at": {"$gte": answer.at - TOLD_ONCE}}
    told = splunkd.find(ANSWERS, since, limit=answer_records.MANY)
    return not any(one["_key"] != answer.key and one.get("user") == answer.user and one.get("reply") for one in told)


def _place(answer: Recorded) -> dict[str, str]:
    return {"site": answer.workspace, "ticket": answer.ticket_key, "case_id": answer.case_id}


WAY = Way(
    JIRA,
    _who,
    {
        APPROVE: _approved,
        REJECT: _rejected,
        UNDO: _undone,
        EXCUSE: _excused,
        RETRY: _retried,
        STATUS: _status,
        HELP: _helped,
    },
    _place,
    _owes_reply,
)
