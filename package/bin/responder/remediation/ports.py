"""What a remediation needs of the world around it, beside AWS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from . import registry
from .model import Change
from .playbook import Past, Playbook
from .verdicts import AskedElsewhere, Policy

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding
    from ..settings.model import AwsAccount, Safety

Document = dict[str, Any]


class Documents(Protocol):
    """The KV store, with system rights; ``splunk.client.Splunkd`` is one."""

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool:
        """False when its ``_key`` exists already."""

    def fetch(self, collection: str, key: str) -> Document | None: ...

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[Document]: ...

    def save_many(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Write documents by their ``_key``, new or not. After an error some of them may have been written."""

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None: ...


class Audit(Protocol):
    def __call__(self, step: str, status: str = "success", **fields: Any) -> None: ...


@dataclass(frozen=True)
class Request:
    """What a task asks for."""

    #: Key of the task: evidence and approvals are kept under it.
    task: str
    #: Id of the run of the alert (search job); change limits count by it.
    run: str
    playbook: str
    #: As the alert asks; empty: as the Safety tab says.
    mode: str
    finding: Finding
    #: Whether nobody can have worked on it before: then it has no evidence yet.
    is_first: bool = False
    #: When it was asked for last, in epoch seconds: what nobody answered in time is asked about anew after that.
    asked_at: float = 0.0


@dataclass(frozen=True)
class Ports:
    documents: Documents
    #: The entry that acts in an account (12 digits). Raises ConfigurationError when there is none.
    account_for: Callable[[str], AwsAccount]
    #: Every entry of the AWS accounts tab, as it was entered: one for many accounts has ``PLACEHOLDER`` in its roles.
    accounts: Callable[[], Sequence[AwsAccount]]
    aws: Callable[[AwsAccount], Aws]
    #: The Safety tab as of this moment.
    safety: Callable[[], Safety]
    audit: Audit
    #: Called before each write goes out; raises to stop it.
    before_send: Callable[[], None]
    #: Epoch seconds.
    clock: Callable[[], float]
    #: Why the finding is not proved by its CloudTrail records; empty when it is, or when no proof is asked for.
    unproved: Callable[[], str] = lambda: ""
    #: Calls of earlier days, or of an actor, newest first, as the CloudTrail index has them, for a finding.
    past: Past = lambda asked, finding: ()
    #: Whose approval counts, how many it takes, and for how long a plan waits, as of this moment.
    policy: Callable[[], Policy] = Policy
    #: Accounts of the entries and of their organizations, and those that these trust.
    known_accounts: Callable[[], Collection[str]] = lambda: ()
    #: Called before the first write: raises ConfigurationError where the entry stands for the account no more.
    still_in_scope: Callable[[AwsAccount], None] = lambda account: None
    #: Remediations of the same run that are not at their end, as far as the KV store tells.
    unfinished: Callable[[], Collection[str]] = lambda: ()
    #: The Safety tab to plan by; None for ``safety``, which decides before anything is changed or anybody is refused.
    safety_to_plan: Callable[[], Safety] | None = None
    #: Which other remediation asks about these changes, or has since this one was asked for; None for none.
    asked_elsewhere: Callable[[Sequence[Change]], AskedElsewhere | None] = lambda changes: None
    #: A playbook by its id. Raises Curable where there is none.
    playbook: Callable[[str], Playbook] = registry.get
