"""What a handler is given, what it gives back, and how it is registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Protocol

from ..cases.audit import audit_event
from ..cases.excuses import Excuse
from ..cases.known_cases import KnownCases
from ..cases.left_reports import LeftReports
from ..cases.outcomes import NothingToDo, Outcome, Remediated
from ..cases.states import State
from ..cases.store import TaskStore
from ..cases.task import Attempt, Task
from ..cases.turns import Turn
from ..errors import InvalidFinding, ResponderError
from ..findings.finding import Finding
from ..remediation.recent_safety import recent_safety
from ..settings.model import AwsAccount, AwsEntry, DispatchTarget, Http, JiraSite, NotifierEntry, Safety, SlackWorkspace
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .lane_view import LaneView


class Services(Protocol):
    """Clients of the outside services, kept warm by the engine."""

    #: How this process has left cases, and reports to whoever tells of them first.
    cases: KnownCases
    left_reports: LeftReports

    def begin(self, splunkd: Splunkd) -> None:
        """To be called when a run begins: which services are left alone now. Raises ResponderError."""

    def gate(self, service: str) -> None:
        """To be asked before a task of a service is tried. Raises PutOff while the service is left alone."""

    def aws(self, account: AwsAccount, http: Http) -> Any: ...

    def organization(self, entry: AwsEntry, http: Http) -> Any: ...

    def tickets(self, site: JiraSite, http: Http) -> Any: ...

    def chat(self, workspace: SlackWorkspace, http: Http) -> Any: ...

    def notifier(self, entry: NotifierEntry, http: Http) -> Any: ...

    def dispatch(self, target: DispatchTarget, account: AwsAccount, http: Http) -> Any: ...


@dataclass(frozen=True)
class Result:
    """How a task ended: ``DONE`` or ``REFUSED``; other ends are raised."""

    #: One line for people.
    message: str
    outcome: Outcome = field(default_factory=NothingToDo)
    state: State = State.DONE
    #: Tasks to record with it and to run next.
    follow_ups: Sequence[Task] = ()
    #: Whether it holds only as long as nobody else works on the lane. What people were told stays told, whoever does.
    needs_turn: bool = True


@dataclass
class Context:
    """One attempt at one task, within a turn of its lane."""

    task: Task
    turn: Turn
    #: How the other tasks of the lane stand, oldest first (summaries; open ones are whole).
    siblings: Sequence[Task]
    #: How the tasks of the case's other lanes stood when the case was read, by family.
    others: Callable[[str], Sequence[Task]]
    splunkd: Splunkd
    store: TaskStore
    config: Configuration
    services: Services
    clock: Callable[[], float]
    #: All tasks of the lane, this one too. The engine gives one for a whole run of the lane; or it is made here.
    view: LaneView | None = None
    #: Reads the open tasks of the lane whole, where only summaries of them were read.
    fill: Callable[[], None] = lambda: None
    #: What was said last of whether the case is excused, as it was read; it may stand no more.
    excuse: Callable[[], Excuse | None] = lambda: None
    #: Whether what waits in the lane is excused, whichever case it is about.
    is_excused: Callable[[Task], bool] = lambda task: False
    #: Remediations of other cases that report here: read when they are asked for first (``run_reports``).
    elsewhere: Sequence[Task] | None = None

    @property
    def lane(self) -> LaneView:
        if self.view is None:
            self.view = LaneView([*self.siblings, self.task])
        return self.view

    @property
    def finding(self) -> Finding:
        """The finding this task is about: its own, always. Raises InvalidFinding when it has none."""
        if self.task.finding is None:
            raise InvalidFinding(f"Task {self.task.key} has no finding.", "Run the alert again.")
        return self.task.finding

    @property
    def request(self) -> Mapping[str, Any]:
        """How the alert asks now: as in the newest of its requests in this lane, whichever task brought it."""
        return self.lane.newest_request(self.task).request

    @property
    def case_id(self) -> str:
        return self.task.case_id

    def safety_now(self) -> Safety:
        """The Safety tab as of this moment: the kill switch counts for what is under way, too."""
        return recent_safety(self.splunkd)()

    def safety_to_plan(self) -> Safety:
        """The same where nothing is changed by it."""
        return recent_safety(self.splunkd).to_plan()

    def audit(self, step: str, status: str = "success", **more: Any) -> None:
        self.task.audit.append(audit_event(step, self.task, self.clock(), status, **more))

    def check_turn(self) -> None:
        """Ask right before each effect. Raises OutOfTime when our turn is about to end."""
        self.turn.check()

    def send(self, effect: str, **about: Any) -> None:
        """Write down what is about to be sent. Nothing but the effect may come after it."""
        self.turn.send(Attempt(self.task.key, effect, self.clock(), **about))

    def remediations(self) -> dict[str, Remediated]:
        """What became of the case's remediations so far, by ``<task>:<status>``, oldest first."""
        ended = ((task, task.outcome) for task in self.others("remediate"))
        return {outcome.report_of(t.key): outcome for t, outcome in ended if isinstance(outcome, Remediated)}


#: Of a request and the finding it is about (None where only the request was read): see ``Kind.service``.
ServiceOf = Callable[[Mapping[str, Any], Optional[Finding]], str]


def _no_service(request: Mapping[str, Any], finding: Finding | None) -> str:
    return ""


def _always(config: Configuration) -> bool:
    return True


def _every_finding(finding: Finding | None) -> bool:
    return True


@dataclass(frozen=True)
class Kind:
    """A kind of task, and what runs it."""

    #: As in ``ticket.finding``.
    name: str
    family: str
    run: Callable[[Context], Result]
    #: Looks up what an attempt without an answer has come to; None when it is not there. Kinds without one look
    #: for themselves when they run again.
    find: Callable[[Context, Attempt], Result | None] | None = None
    #: Whether it needs its turn from the start: it writes down by itself what it is about to do, more than once.
    claims_first: bool = False
    #: What to report when it has not succeeded, and of which errors.
    on_failure: Callable[[Context, ResponderError], Result] | None = None
    #: How it ends where its case is excused, given why: None where nobody has heard of it, and nothing was begun.
    on_excuse: Callable[[Context, str], Result | None] | None = None
    #: Whether this family hears of excuses of its cases by this kind.
    on_excuse_notice: bool = False
    #: Whether its end may be what others of its kind in the lane wait for: then they are looked at again at once.
    wakes_alike: bool = False
    #: Whether no alert waits for it: the worker makes it a little later, once for all that has come together.
    can_wait: bool = False
    #: Whether an alert asks for it; whatever else follows from such tasks, or is asked for in another way.
    is_requested: bool = False
    #: Kind of task that this family wants when a remediation has ended; of which findings.
    on_remediation: bool = False
    #: Whether only the remediation's own case gets one, and no case that hears of it besides.
    own_case_only: bool = False
    concerns: Callable[[Finding | None], bool] = _every_finding
    #: Whether it tells or asks people something that no other kind of its family tells them.
    tells_people: bool = False
    #: Whether anybody can want it, as things are set up: an installation without pays nothing for it.
    is_set_up: Callable[[Configuration], bool] = _always
    #: Which service it needs, as far as the request tells: ``<service>:<name>[:<channel>]``, a name empty for the
    #: default. Tasks of one service share a pace; what it is away for holds up none of another.
    service: ServiceOf = _no_service

    @property
    def is_news(self) -> bool:
        """Whether people wait for it: it opens, tells or changes something, and does more than follow what does."""
        is_told = self.is_requested or self.on_remediation or self.on_excuse_notice or self.tells_people
        return is_told or self.family == "remediate"


def request_text(request: Mapping[str, Any], name: str) -> str:
    return str(request.get(name) or "")
