"""What a playbook declares that can look for itself: which resources are wrong now, without a finding.

A look is about one place: a region of an account, or an account where AWS lists it as a whole. It goes through the
place in parts, so that it can stop after each of them and go on there later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..settings.model import Safety

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Signature:
    """The detection that finds the same by CloudTrail's records, so both are one case. A test compares the two."""

    id: str
    title: str
    technique: str


@dataclass(frozen=True)
class Wrong:
    """A resource that is wrong, as AWS says it now."""

    signature: Signature
    #: AWS resource type.
    category: str
    #: Id or name, as the detection's ``object_id``.
    object_id: str
    region: str
    severity: str
    #: One sentence for people.
    reason: str
    #: What the playbook reads of a finding's ``detail``. The same resource, wrong in the same way, has the same.
    detail: Mapping[str, Any] = field(default_factory=dict)
    #: What tells its case from others, where that is not ``object_id``.
    key: str = ""

    def dedup_key(self, account: str) -> str:
        """As the detection makes it (``workbench/detections/compile.py``)."""
        return f"{self.signature.id}:{account}:{self.region}:{self.key or self.object_id}"


@dataclass(frozen=True)
class Part:
    """What one step of a look has found, and where the next one begins; empty at the end."""

    wrong: Sequence[Wrong] = ()
    cursor: str = ""
    #: What could not be read, one line: then nothing that was wrong before counts as right because it is not here.
    problem: str = ""


@dataclass(frozen=True)
class View:
    """What a look is given."""

    aws: Aws
    #: Empty where the place is an account.
    region: str
    safety: Safety
    #: Where an earlier look has stopped; empty at the beginning.
    cursor: str = ""
    #: Whether the public may read a bucket (lookup ``responder_public_buckets``).
    may_be_public: Callable[[str], bool] = lambda bucket: False

    def pages(
        self,
        service: str,
        operation: str,
        items: str,
        token: str = "NextToken",
        next_token: str = "NextToken",
        **parameters: Any,
    ) -> Iterator[tuple[Items, str]]:
        """Page by page from the cursor on, each with the cursor behind it; empty behind the last one."""
        cursor = self.cursor
        while True:
            given = {**parameters, **({token: cursor} if cursor else {})}
            answer = self.aws.read(service, operation, self.region, **given)
            cursor = str(answer.get(next_token) or "")
            yield answer[items], cursor
            if not cursor:
                return
