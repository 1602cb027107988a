"""Playbooks that are made of others: each part is planned, applied, verified and undone by the playbook it names.

A part is a finding of its own for another playbook. What a change of it touches carries the name of that playbook
(``Resource.part``), also in the evidence, so that reading back, undo and drift are that playbook's, too. A part that
cannot be planned, or that fails, stops none of the others; it is said, and tried again where that may help.
"""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InvalidFinding, NotFound, OutOfTime, ResponderError
from ..findings.proof import Contradicted, agrees
from .model import Change, Observation, Resource, Step, Target
from .permission import Permission
from .playbook import Examined, Past, Playbook, Sources, observe

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.actor_calls import ActorCalls
    from ..findings.cloudtrail import CloudTrailRecord
    from ..findings.finding import Finding
    from ..findings.past_calls import PastCalls
    from ..settings.model import Safety

Read = Callable[[Target], Observation]


@dataclass(frozen=True)
class Part:
    """What one playbook has to do."""

    playbook: str
    finding: Finding
    #: By which the order of the parts is decided; equal ones stay in the order in which they are given.
    turn: int
    #: The call that it takes back, where it takes back one: the part's finding has to agree with it.
    record: CloudTrailRecord | None = None
    #: One sentence for whoever reads the plan: why it is part of it.
    why: str = ""


class Parts(NamedTuple):
    parts: Sequence[Part]
    #: What keeps others from being found.
    errors: Sequence[ResponderError] = ()
    #: Ids of the calls that are taken back, and of those that led to them: they say of nothing how it was before.
    event_ids: frozenset[str] = frozenset()


class ComposedPlaybook(Playbook):
    """Subclasses say which parts there are, and which playbooks they may come from."""

    is_composed = True
    regional = False

    def complete(self, every: Sequence[Playbook]) -> None:
        """Called once all playbooks are known: what it needs is what its parts need."""
        self._parts = {playbook.id: playbook for playbook in every if self.may_use(playbook)}
        parts = self._parts.values()
        self.services = tuple(dict.fromkeys(name for part in parts for name in part.services))
        self.permissions = _merged(permission for part in parts for permission in part.permissions)

    @property
    def part_ids(self) -> tuple[str, ...]:
        return tuple(self._parts)

    @abstractmethod
    def may_use(self, playbook: Playbook) -> bool:
        """Whether a part may be a playbook's."""

    @abstractmethod
    def parts(self, finding: Finding, past: Past) -> Parts:
        """What has to be done. Reads nothing of AWS."""

    @abstractmethod
    def subject(self, finding: Finding, aws: Aws) -> Resource:
        """Whom the whole is about: where a guardrail protects it, nothing is done. Reads only."""

    # The parts' own

    def of(self, part: Target | Resource) -> Playbook:
        return self._parts.get(part.part, self)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        """None of its own: they are those of its parts."""
        return ()

    def read(self, target: Target, aws: Aws) -> Observation:
        seen = self._part(target).read(Target(target.id, target.region), aws)
        return replace(seen, resource=replace(seen.resource, part=target.part))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return self._part(resource).state(resource, aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        """None of its own: they are those of its parts."""
        return ()

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return self._part(resource).summary(resource, steps)

    def missed(self, resource: Resource, steps: Sequence[Step]) -> str:
        return self._part(resource).missed(resource, steps)

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return self._part(resource).describe(resource, state, aspects)

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return self._part(resource).blast_radius(resource, state, aws)

    def _part(self, part: Target | Resource) -> Playbook:
        playbook = self.of(part)
        if playbook is self:
            raise NotFound(f"{part.id} is of playbook '{part.part[:64]}', which is no part of {self.id} (any more).")
        return playbook

    # The plan

    def examine(self, finding: Finding, sources: Sources) -> list[Examined]:
        """Each part in its turn; a part that raises is there with its error."""
        self.check(finding)
        aws, past = sources.aws, sources.past
        found = [Examined(Observation(self.subject(finding, aws), {}), is_subject=True)]
        parts = self.parts(finding, past)

        def before(asked: PastCalls | ActorCalls, about: Finding) -> Sequence[CloudTrailRecord]:
            return [record for record in past(asked, about) if record.event_id not in parts.event_ids]

        # What several parts ask for is read once.
        reading = functools.lru_cache(maxsize=None)(sources.read or (lambda target: observe(self, target, aws)))
        known = functools.lru_cache(maxsize=None)(sources.known)
        of_parts = replace(sources, past=before, known=known)
        planned: set[tuple[Target, str]] = set()
        for part in sorted(parts.parts, key=lambda part: part.turn):
            found += self._examined(part, reading, of_parts, planned)
        return [*found, *(Examined(None, error=error) for error in parts.errors)]

    def _examined(
        self, part: Part, read: Read, sources: Sources, planned: set[tuple[Target, str]]
    ) -> Iterator[Examined]:
        playbook = self._parts[part.playbook]

        def read_part(target: Target) -> Observation:
            return read(replace(target, part=part.playbook))

        try:
            _check_record(part, playbook)
            for one in playbook.examine(part.finding, replace(sources, read=read_part)):
                yield one._replace(change=_only_new(playbook, one.change, planned, part.why))
        except NotFound:
            # It is gone: there is nothing to do about it.
            return
        except OutOfTime:
            raise
        except ResponderError as error:
            yield Examined(None, error=error)


def _check_record(part: Part, playbook: Playbook) -> None:
    """Raises InvalidFinding where a part's finding says anything that the record of its call does not."""
    if part.record is None:
        return
    proof = agrees(part.finding, [part.record], playbook.claims(part.finding))
    if isinstance(proof, Contradicted):
        raise InvalidFinding(f"{playbook.title}: {proof.message}", "Look at the event in CloudTrail.")


def _only_new(playbook: Playbook, change: Change | None, planned: set[tuple[Target, str]], why: str) -> Change | None:
    """Without what another part does already: two calls may have made the same thing."""
    if change is None:
        return None
    target = change.resource.target
    steps = tuple(step for step in change.steps if (target, step.aspect) not in planned)
    planned.update((target, step.aspect) for step in steps)
    if not steps:
        return None
    summary = change.summary if steps == change.steps else playbook.summary(change.resource, steps)
    return replace(change, steps=steps, summary=summary, blast_radius=(why,) if why else ())


def _merged(permissions: Iterator[Permission] | Sequence[Permission]) -> tuple[Permission, ...]:
    """Each once; needed by one part, it is needed, whatever it is to another."""
    found: dict[tuple[str, str, tuple[str, ...]], Permission] = {}
    for permission in permissions:
        known = found.get(permission.grant)
        is_needed = not permission.optional or (known is not None and not known.optional)
        is_called = not permission.implied or (known is not None and not known.implied)
        found[permission.grant] = replace(permission, optional=not is_needed, implied=not is_called)
    return tuple(found.values())
