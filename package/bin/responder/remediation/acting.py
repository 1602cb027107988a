"""One playbook in one account: facts read right before each write, every guardrail on them, then the call.

Forth (``runner``) and back (``undo``) go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..aws.identity import is_one_of
from ..errors import Unavailable
from . import guardrails, ourselves, own_calls, own_things, together
from .evidence import Entry, EvidenceStore
from .model import Call, Observation, Resource, Target, plain
from .playbook import Playbook, observe
from .read_back import Verification, read_back

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..aws.identity import Identity
    from ..settings.model import AwsAccount, Safety
    from .ports import Ports

#: Seconds for which facts count as read right before a write.
FRESH = 2.0
#: A write whose facts are older than this when it is about to be sent is not sent: something in between was slow.
STALE = 10.0


@dataclass(frozen=True)
class Written:
    """A call that AWS has carried out."""

    #: As in ``evidence.Done``.
    request_id: str
    #: Who made it, as AWS says.
    by: Identity
    #: What AWS calls the thing that it has made, where that bears a mark.
    made: str = ""


class Acting:
    def __init__(
        self,
        ports: Ports,
        playbook: Playbook,
        account: AwsAccount,
        task: str,
        safety: Callable[[], Safety] | None = None,
    ) -> None:
        """``safety``: what is planned by, where nothing will be written; before a write it is never asked.

        ``task``: its key; the sessions that write have its case in their names.
        """
        self._safety = safety or ports.safety
        self.playbook = playbook
        self.account = account
        #: By the role that reads, until there is something to write.
        self.aws: Aws = ports.aws(account.to_read())
        self._case = task.partition(".")[0]
        self._ports = ports
        self._together = together.of(ports.documents)
        self._fresh: dict[Target, tuple[float, Observation]] = {}
        self._read_at = 0.0
        self._ours: dict[bool, ourselves.Ourselves] = {}

    # Facts

    def read_named(self, target: Target) -> Observation:
        """As ``read``, of what a finding names. Raises RefusedByGuardrail, unread, where nothing may be changed."""
        guardrails.check_region(target, self.playbook.of(target), self.account)
        return self.read(target)

    def read(self, target: Target) -> Observation:
        """What AWS says now; used for the next write of this resource, if that comes at once."""
        began, seen = self._observe(target)
        self._fresh[seen.resource.target] = (began, seen)
        return seen

    def read_for_write(self, target: Target) -> Observation:
        """Facts for one write: read anew unless they were read a moment ago, and for no other write."""
        at, seen = self._fresh.pop(target, (0.0, None))
        if seen is None or not 0 <= self._ports.clock() - at < FRESH:
            at, seen = self._observe(target)
        self._read_at = at
        return seen

    def known_accounts(self) -> Collection[str]:
        """Those that are not outside: of the entries, of their organizations, trusted."""
        entered = {entry.account_id for entry in self._ports.accounts() if entry.account_id}
        return entered.union(self._ports.known_accounts())

    def _observe(self, target: Target) -> tuple[float, Observation]:
        """What is read, and when that began: so old is the oldest fact of it."""
        for service in self.playbook.of(target).services:
            # To make a client takes long, and nothing is read meanwhile.
            self.aws.client(service, target.region)
        began, seen = self._ports.clock(), observe(self.playbook, target, self.aws)
        marks = self.playbook.of(seen.resource).marks(seen.state)
        return began, replace(seen, own=own_things.proved(self._together, seen.resource, marks)) if marks else seen

    def guard(self, resource: Resource, calls: Sequence[Call] = ()) -> None:
        """Raises RefusedByGuardrail unless these calls may change the resource, by the Safety tab as it is now."""
        self._guard(resource, self._safety(), calls)

    def guard_subject(self, subject: Resource) -> None:
        """Raises RefusedByGuardrail where whom a composed remediation is about is protected."""
        ourselves = self._ourselves(in_full=True)
        guardrails.check_subject(subject, self.playbook, self._safety(), self.account, self.aws.identity(), ourselves)

    def _guard(self, resource: Resource, safety: Safety, calls: Sequence[Call]) -> None:
        guardrails.check(
            resource,
            self.playbook.of(resource),
            safety,
            self.account,
            self.aws.identity(),
            self._ourselves(guardrails.names_principals(resource)),
            calls,
        )

    def _ourselves(self, in_full: bool) -> ourselves.Ourselves:
        if in_full not in self._ours:
            entries = self._ports.accounts()
            if in_full:
                self._ours[in_full] = ourselves.in_full(entries, self.aws, self._ports.aws)
            else:
                self._ours[in_full] = ourselves.as_entered(entries, self.aws)
        return self._ours[in_full]

    def was_us(self, principal: str) -> bool:
        """Whether a call by a principal was made by this entry: it may read by another role than it writes by."""
        return self.aws.identity().is_self(principal) or is_one_of(self.account.roles, principal)

    # Writes

    def prepare(self) -> None:
        """Once, before the first write: still in scope, the role that writes, the right account, a session of the case.

        And our name where a search may need it within minutes.
        """
        self._ports.still_in_scope(self.account)
        self.aws = self._ports.aws(self.account)
        self.aws.assert_account()
        self.aws.sign_in(self._case)
        own_calls.know_principal(self._together, self.aws.identity(), self._ports.clock())

    def write(self, call: Call, resource: Resource, skips: tuple[str, ...] = (), key: str = "") -> Written | None:
        """None when AWS answers that it is so already: then somebody else has done it. Or for a code of ``skips``.

        ``key``: under which the evidence has the write; empty for one that takes back.
        """
        playbook = self.playbook.of(resource)
        aws, region = playbook.sender(call, self.aws, resource)
        who = self._made_known(aws, call)
        answer = aws.write(
            call.service,
            call.operation,
            region,
            (*playbook.already, *skips),
            before_send=lambda: self._before_send(resource, call),
            case=self._case,
            **(call.parameters_at(self._ports.clock(), key) if key and playbook.fills else call.parameters),
        )
        if answer is None or not playbook.answered(call, answer):
            return None
        return Written(answer.request_id, who, playbook.named_by(call, answer))

    def _made_known(self, aws: Aws, call: Call) -> Identity:
        """Who makes a call. Before it is made: the search for changes that are not the app's goes by it."""
        if aws is not self.aws:
            # Somebody else than whoever acts on the resource, whose session was opened by ``prepare``.
            aws.sign_in(self._case)
            own_calls.know_principal(self._together, aws.identity(), self._ports.clock())
        who = aws.identity()
        own_calls.know_call(self._together, who, call.operation, self._ports.clock())
        return who

    def _before_send(self, resource: Resource, call: Call) -> None:
        # Again: the write may have waited for its evidence, for its turn at AWS, and for a connection. It costs nothing
        # where the tab was read half a second ago, and it comes first, because to read the tab may take long, too.
        self._guard(resource, self._ports.safety(), (call,))
        if not 0 <= self._ports.clock() - self._read_at < STALE:
            raise Unavailable("What the guardrails decided on was read too long ago.", "It is read again.", 0)
        self._ports.before_send()

    def read_back(
        self,
        resource: Resource,
        wanted: Sequence[tuple[str, object]],
        before_waiting: Callable[[], None] = lambda: None,
    ) -> Verification:
        """Read until each aspect has the value that is wanted. ``before_waiting``: AWS does not show it at once."""
        playbook, aspects = self.playbook.of(resource), [aspect for aspect, _ in wanted]

        def wait(seconds: float) -> None:
            before_waiting()
            self.aws.sleep(seconds)

        return read_back(
            wait,
            lambda: plain(playbook.state(resource, self.aws)),
            lambda state: all(playbook.same(aspect, state.get(aspect), value) for aspect, value in wanted),
            lambda state: playbook.describe(resource, state, aspects),
        )

    # Evidence

    def settle(self, entry: Entry, seen: Observation, store: EvidenceStore) -> None:
        """Write down, with the next document, what a state tells of a write whose end nobody wrote down."""
        intended, now = entry.intended, seen.state.get(entry.intended.step.aspect)
        playbook, aspect = self.playbook.of(intended.resource), intended.step.aspect
        same = playbook.same
        if entry.is_open and not same(aspect, now, intended.before):
            # CloudTrail comes too late to tell whether it was us.
            store.conclude(entry, "unknown", now, later=True)
        elif entry.is_ours and entry.left is None and same(aspect, now, intended.step.after):
            observed = playbook.describe(seen.resource, seen.state, [aspect])
            store.leave(entry, now, True, observed, later=True)
