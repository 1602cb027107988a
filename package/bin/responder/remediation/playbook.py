"""What every playbook is: a remediation that names its target, reads it, and says which calls put it right.

Everything else (guardrails, evidence, making the calls, reading back, undo) is the same for all of them: ``runner`` and
``undo``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from ..errors import InvalidFinding, ResponderError
from .model import Call, Change, Mark, Measured, Observation, Resource, Step, Target, plain
from .permission import Permission
from .sweeping import Part, Signature, View

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.actor_calls import ActorCalls
    from ..findings.claims import Claim
    from ..findings.cloudtrail import CloudTrailRecord
    from ..findings.finding import Finding
    from ..findings.past_calls import PastCalls
    from ..findings.successes import Contained
    from ..settings.model import Safety
    from .made import Made

RISKS = ("low", "medium", "high")


class Examined(NamedTuple):
    """One target: what was read of it, and what has to be changed of it, if anything."""

    #: None where it could not be read; then there is an error.
    seen: Observation | None
    change: Change | None = None
    #: Of a composed playbook: why this part cannot be planned. The others are carried out all the same.
    error: ResponderError | None = None
    #: Whether it is only whom the remediation is about: where a guardrail protects it, nothing at all is done.
    is_subject: bool = False


#: Reads calls that CloudTrail has, for a finding.
Past = Callable[[Union["PastCalls", "ActorCalls"], "Finding"], Sequence["CloudTrailRecord"]]
#: The accounts of the organization, and those that it trusts.
Known = Callable[[], Collection[str]]


@dataclass(frozen=True)
class Sources:
    """What a plan is made of, beside the finding."""

    aws: Aws
    safety: Safety
    past: Past = lambda asked, finding: ()
    #: How a target is read; None for ``observe``.
    read: Callable[[Target], Observation] | None = None
    known: Known = lambda: ()


class Playbook(ABC):
    """A remediation. Subclasses are found by ``remediation.registry``; the file name is the id.

    The docstring, ``risk_note``, ``undo_note`` and ``detail_note`` are its page in ``docs/playbooks``.
    """

    id: str
    title: str
    #: AWS resource types (``object_category``) it accepts; empty accepts any.
    accepts: tuple[str, ...] = ()
    #: Finding fields it cannot do without.
    required_fields: tuple[str, ...]
    #: What it reads of the finding's ``detail``, for the table in ``docs/finding.md``.
    detail_note: str
    #: boto3 names of the services it calls.
    services: tuple[str, ...]
    permissions: tuple[Permission, ...]
    #: One of ``RISKS``: what may break when it acts on something legitimate; ``risk_note`` says what.
    risk: str
    risk_note: str
    undoable: bool = True
    #: What undo does, one sentence.
    undo_note: str
    #: False where what it changes lives in no region.
    regional: bool = True
    #: What stands in for AWS in its tests, for its page: ``moto``, or what moto lacks and a double answers.
    proved_on: str = "moto"
    #: Keys of a state's values by which AWS tells a thing from another that somebody has made like it since.
    identities: tuple[str, ...] = ()
    #: Where AWS gives a resource no id or date by which it is told from one that is made anew under its name: what
    #: CloudTrail calls the calls that delete it. Before an undo the event history is asked for them.
    deleted_by: tuple[str, ...] = ()
    #: Error codes of its calls that mean that it is so already.
    already: tuple[str, ...] = ()
    #: Error codes for which a step is left out and the next one made; an undo leaves nothing out.
    skips: tuple[str, ...] = ()
    #: Whether its calls have ``TIME_OF_WRITE`` or ``KEY_OF_WRITE`` in them; those that take back never have.
    fills: bool = False
    #: Whether it matters to it which accounts are outside.
    asks_accounts: bool = False
    #: Which of an actor's calls it takes back, for ``contain_actor``; see ``remediation.made``.
    takes_back: Sequence[Made] = ()
    #: Whether each of its changes stands by itself: what one fails with stops none of the others.
    is_composed: bool = False
    #: What it can look for by itself (``look``); empty where it needs a finding.
    sweeps: tuple[Signature, ...] = ()
    #: What looking asks beyond ``permissions``; all of it reads.
    sweep_permissions: tuple[Permission, ...] = ()
    #: Whether it looks in each region, or once for the whole account.
    sweeps_regions: bool = True
    #: What ``measure`` can tell (``AGE``, ``USES``): the Safety tab takes thresholds for no others.
    measures: tuple[str, ...] = ()

    def claims(self, finding: Finding) -> Sequence[Claim]:
        """What of the finding, beyond account, region, principal and resource, its CloudTrail records must show.

        Whatever of ``detail`` decides what is changed belongs here: nothing in ``detail`` is proved otherwise.
        """
        return ()

    def past(self, finding: Finding) -> PastCalls | None:
        """Calls of earlier days that say how it was before, where AWS no longer does; None where it is not asked."""
        return None

    def past_of(self, finding: Finding, seen: Sequence[Observation]) -> PastCalls | None:
        """As ``past``, where what was read says what else to ask about."""
        return self.past(finding)

    @property
    def does(self) -> str:
        """What it does, in a sentence: the first paragraph of its docstring, without marks."""
        return " ".join((self.__doc__ or "").partition("\n\n")[0].replace("`", "").split())

    @abstractmethod
    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        """What the finding is about, one as a rule. Raises InvalidFinding when it names nothing of the kind."""

    @abstractmethod
    def read(self, target: Target, aws: Aws) -> Observation:
        """Resource and state as AWS says they are. Reads only. Raises NotFound when the resource is gone."""

    @abstractmethod
    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """The state alone, with as few calls as it takes: it is read again until AWS has caught up."""

    @abstractmethod
    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        """What has to be changed, of what the finding is about; nothing when it is right. Reads only."""

    @abstractmethod
    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        """One sentence for people: what these steps do."""

    @abstractmethod
    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        """One sentence for people: how these aspects are now."""

    def why_nothing(self, finding: Finding, seen: Observation) -> str:
        """Why ``steps`` has none, as after "nothing to do,"; empty where that is because all is right."""
        return ""

    def missed(self, resource: Resource, steps: Sequence[Step]) -> str:
        """What people should know of steps of which nothing came, although it is done; empty where that is nothing.

        Asked only of those that the state does not show either.
        """
        return ""

    def contains(self, resource: Resource) -> Contained | None:
        """Who can no longer act once it is done, where CloudTrail shows whether they do; None where nobody is."""
        return None

    def context(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """What else is worth keeping of a resource that will be changed. Reads only."""
        return {}

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        """Sentences for people: who would notice the change, as far as AWS tells. Reads only.

        Asked before a person decides, and in simulation; never before an enforced change, which it would only delay.
        """
        return ()

    def complete(self, every: Sequence[Playbook]) -> None:
        """Called once with all playbooks, for what follows from the others."""
        return

    def remember(self, states: Mapping[str, Any]) -> None:
        """Called with how earlier attempts have left aspects, before anything is planned or taken back.

        For what leaves nothing in AWS that could be read: only the evidence knows of it.
        """
        return

    def sender(self, call: Call, aws: Aws, resource: Resource) -> tuple[Aws, str]:
        """Who makes a call, and in which region: as a rule, the entry of the resource's account, and its region."""
        return aws, resource.region

    def of(self, part: Target | Resource) -> Playbook:
        """The playbook that knows this target: of a composed one another, else this one."""
        return self

    def measure(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Measured:
        """How old the resource is, and how many others use it: what ``measures`` names. Reads only.

        Asked only where the Safety tab has a threshold for the playbook, before the first write.
        """
        return Measured()

    def settings(self, safety: Safety) -> Sequence[str]:
        """What it does by the Safety tab that not all playbooks do, for the page *Playbooks*."""
        return ()

    def answered(self, call: Call, answer: Mapping[str, Any]) -> bool:
        """What AWS's answer to a write says beside success: some calls succeed and do nothing.

        False where it says that it was so already, and not by us. Raises a ResponderError where nothing was done.
        """
        return True

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """Whether two values of an aspect come to the same."""
        return bool(one == other)

    def stands(self, aspect: str, left: Any, now: Any) -> bool:
        """Whether an aspect still is what was left there, and not something like it: undo takes back nothing else."""
        return self.same(aspect, left, now) and not self._is_another(left, now)

    def _is_another(self, left: Any, now: Any) -> bool:
        if not isinstance(left, Mapping) or not isinstance(now, Mapping):
            return False
        return any(key in left and key in now and left[key] != now[key] for key in self.identities)

    def shows(self, aspect: str) -> bool:
        """Whether an aspect that looks right is right, although this remediation has not written it.

        Not where AWS makes it along with another thing, and may show it later than that.
        """
        return True

    def marks(self, state: Mapping[str, Any]) -> Mapping[str, Mark]:
        """By aspect, what is there under a name that anybody can give, and which write it says has made it."""
        return {}

    def named_by(self, call: Call, answer: Mapping[str, Any]) -> str:
        """What AWS's answer calls the thing that a call has made, which then bears its mark; empty for none."""
        return ""

    def ready(self, step: Step, seen: Observation) -> Call:
        """The call of a step, or of its way back, as it is sent: with what only the reading right before it says.

        Such as the id of what an earlier step has created. Reads nothing. Raises Unavailable where that is not there,
        and RefusedByGuardrail where it is somebody else's.
        """
        return step.call

    def plan(
        self,
        finding: Finding,
        aws: Aws,
        safety: Safety,
        past: Past = lambda asked, finding: (),
        known: Known = lambda: (),
    ) -> list[Change]:
        """Read the present state and return the changes needed; none when it is right. Reads only.

        Raises NotFound when the resource is gone, InvalidFinding when the finding names none.
        """
        return [one.change for one in self.examine(finding, Sources(aws, safety, past, known=known)) if one.change]

    def examine(self, finding: Finding, sources: Sources) -> list[Examined]:
        """As ``plan``: what was read of each target, and what has to be changed of it."""
        self.check(finding)
        aws = sources.aws
        read = sources.read or (lambda target: observe(self, target, aws))
        seen = [read(target) for target in self.targets(finding, aws)]
        asked = self.past_of(finding, seen)
        records = tuple(sources.past(asked, finding)) if asked else ()
        accounts = frozenset((*sources.known(), aws.account.account_id)) if self.asks_accounts else frozenset()
        more = [replace(one, past=records, known_accounts=accounts) for one in seen]
        return [Examined(one, self._change(finding, whole, aws, sources.safety)) for one, whole in zip(seen, more)]

    def _change(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Change | None:
        steps = tuple(self.steps(finding, seen, aws, safety))
        if not steps:
            return None
        summary, context = self.summary(seen.resource, steps), self.context(seen.resource, aws)
        return Change.from_dict(Change(seen.resource, summary, steps, context).to_dict())

    def look(self, view: View) -> Iterator[Part]:
        """What is wrong now in a place, part by part from ``view.cursor`` on. Reads only. Raises a ResponderError."""
        raise NotImplementedError(f"{self.id} looks at nothing by itself")

    def missing(self, finding: Finding) -> list[str]:
        """Fields that it cannot do without and that the finding does not give."""
        return [name for name in self.required_fields if not getattr(finding, name)]

    def check(self, finding: Finding) -> None:
        """Raises InvalidFinding where the finding lacks what it cannot do without, or is about something else."""
        missing = self.missing(finding)
        if missing:
            raise InvalidFinding(
                f"Playbook {self.id} needs {', '.join(missing)}, which the finding does not give.",
                "Add it to the search's results.",
            )
        kind = finding.object_category
        if kind and self.accepts and kind not in self.accepts:
            raise InvalidFinding(
                f"Playbook {self.id} is for {', '.join(self.accepts)}, but the finding is about {kind[:80]}.",
                "Choose another playbook in the alert action.",
            )


def observe(playbook: Playbook, target: Target, aws: Aws) -> Observation:
    """``playbook.read`` as it will come back from the KV store: what is compared with what is stored must be JSON."""
    seen = playbook.read(target, aws)
    return Observation(Resource.from_dict(plain(asdict(seen.resource))), plain(seen.state))
