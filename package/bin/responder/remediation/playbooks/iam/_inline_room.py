"""How much the inline policies of a user or role hold: whoever fills them leaves no room for one of ours.

Facts: IAM User Guide, "IAM and AWS STS quotas" (together, without white space; nobody can have it raised).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import NotPermitted
from ....remembered import Remembered
from ...model import Resource
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from ._entities import ROLE, USER, Kind

if TYPE_CHECKING:
    from ....aws.client import Aws

#: Characters, by the kind's name.
MOST = {USER.name: 2_048, ROLE.name: 10_240}


#: What was read, for as long as one plan takes to be made.
_held: Remembered[int] = Remembered(10.0)


def permission(kind: Kind) -> Permission:
    """Without it nobody knows how much there is, and AWS itself says whether another one fits."""
    return Permission(f"iam:List{kind.name.title()}Policies", kind.resources, optional=True)


def size(found: Iterable[Any]) -> int:
    """Characters of policy documents, as IAM counts them."""
    parsed = (documents.parse(one) for one in found)
    return sum(len("".join(documents.text(one).split())) for one in parsed if one is not None)


def held(resource: Resource, aws: Aws, but: str) -> int:
    """Characters of all inline policies but one, as IAM says now. Raises as a call."""
    kind, name = entities.kind_of(resource.id), arn.name_of(resource.id)
    listed = aws.read_all("PolicyNames", "iam", f"list_{kind.name}_policies", **{kind.parameter: name})
    asked = ({kind.parameter: name, "PolicyName": policy} for policy in map(str, listed) if policy != but)
    answers = (aws.read_if(("NoSuchEntity",), "iam", f"get_{kind.name}_policy", "", **one) for one in asked)
    found = size(answer["PolicyDocument"] for answer in answers if answer is not None)
    _held.put(_key(resource, but), found)
    return found


def words(resource: Resource, aws: Aws, but: str) -> list[str]:
    """A sentence for people about all inline policies but one, by what was read for the plan a moment ago."""
    known = _held.get(_key(resource, but))
    try:
        holds = known if known is not None else held(resource, aws, but)
    except NotPermitted as error:
        return [f"How much room its inline policies leave could not be found out: {error.message}"]
    return [f"Its other inline policies hold {holds:,} of {most(resource):,} characters."] if holds else []


def missing(policy: documents.Document, resource: Resource, aws: Aws, name: str) -> int:
    """Characters that are missing for an inline policy of this name; 0 where it fits. Raises as a call."""
    return max(held(resource, aws, name) + size([policy]) - most(resource), 0)


def _key(resource: Resource, but: str) -> tuple[str, str, str]:
    return resource.id, resource.unique_id, but


def most(resource: Resource) -> int:
    return MOST[entities.kind_of(resource.id).name]
