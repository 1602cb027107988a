"""Who acted, by the cells of a row that keeps no contract: the table of docs/finding.md, "Who acts".

The macro ``cloudtrail_actor`` says the same of the records that the detections find; a test holds both to one list of
identities. Facts: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM Identity Center User Guide,
"Referencing permission sets in resource policies".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .. import arn
from . import sources
from .cells import Cells

#: By the ARN of the caller, where the type was lost on the way.
_KINDS = {"assumed-role": "AssumedRole", "federated-user": "FederatedUser", "root": "Root", "user": "IAMUser"}
#: Types of identities that have no ARN. What the Splunk Add-on for AWS calls the caller's is then the role that they
#: have asked for.
_WITHOUT_ARN = frozenset(
    ("AWSAccount", "AWSService", "SAMLUser", "WebIdentityUser", "IdentityCenterUser", "Directory", "Unknown")
)
_RESERVED = re.compile(r":role/aws-reserved/sso\.amazonaws\.com/")


class Actor(NamedTuple):
    """Empty texts for what the row does not say."""

    user: str
    type: str
    role: str
    arn: str


def actor(cells: Cells, user_arn: str, user_type: str) -> Actor:
    """``user_arn`` and ``user_type`` are what the row has under any name, of the right form."""
    own = cells.one("userIdentity.arn")
    if not own and user_type in _WITHOUT_ARN:
        user_arn = ""
    named = arn.parse(user_arn)
    kind = named.kind if named else ""
    # A row that names an ARN and no type was trimmed; one without either may say by a name alone who it is about.
    user_type = user_type or _KINDS.get(kind, "")
    role = named.name if named and kind == "assumed-role" else ""
    return Actor(_user(cells, named, user_type, role) or _called(cells) or user_arn, user_type, role, user_arn)


def _user(cells: Cells, named: arn.Arn | None, user_type: str, role: str) -> str:
    """By the identity of the record, or by the caller's ARN; empty where the row has neither."""
    tail = named.resource.rpartition("/")[2] if named else ""
    if user_type == "Root":
        return "root"
    if user_type == "FederatedUser" and tail:
        return tail
    person = _person(cells, role, tail)
    issued = cells.one("userIdentity.sessionContext.sessionIssuer.userName") if user_type == "AssumedRole" else ""
    # Of an account its id, of anybody else the principal without the name of the session.
    principal = cells.one("userIdentity.principalId").partition(":")[0]
    last = cells.one("userIdentity.accountId") if user_type == "AWSAccount" else principal
    # Several names are named: people read them, and nothing is done by them.
    names = cells.text("userIdentity.userName")
    behalf, service = cells.one("userIdentity.onBehalfOf.userId"), cells.one("userIdentity.invokedBy")
    return next(filter(None, (person, names, issued or role, tail, behalf, last, service)), "")


def _person(cells: Cells, role: str, session: str) -> str:
    """Whom IAM Identity Center has named. Its roles have a path that nobody else can make; a row without the issuer's
    ARN goes by the name of the role."""
    issuer = cells.text("userIdentity.sessionContext.sessionIssuer.arn")
    vouched = _RESERVED.search(issuer) if issuer else role.startswith("AWSReservedSSO_")
    return session if vouched and role.startswith("AWSReservedSSO_") else ""


def _called(cells: Cells) -> str:
    """What the row itself calls the user."""
    found = next(filter(None, map(cells.text, cells.like(sources.USER))), "")
    objects, types = cells.values("risk_object"), cells.values("risk_object_type")
    # Where all are of one type, it is there once.
    users = objects if set(types) == {"user"} else [one for one, kind in zip(objects, types) if kind == "user"]
    return found or ", ".join(dict.fromkeys(users if len(types) in (1, len(objects)) else ()))
