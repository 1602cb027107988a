"""Who is behind a finding, where it can be told from any other: what makes cases one incident.

Only what AWS itself gives counts: ARNs and access key ids. A name in a row says nothing by itself, since it may be
anybody's. Facts: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM User Guide, "IAM identifiers".
"""

from __future__ import annotations

import re

from .. import arn
from .finding import Finding

_KEY = re.compile(r"A[KS]IA[A-Z0-9]{12,124}")
_ACCOUNT = re.compile(r"[0-9]{12}")
#: Identities that are many, or nobody: AWS itself, another account as a whole.
_NOBODY = frozenset(("AWSService", "AWSAccount"))
#: Roles that only AWS services assume.
_SERVICE_ROLE = "AWSServiceRoleFor"
_RESERVED = "AWSReservedSSO_"


def actors(finding: Finding) -> tuple[str, ...]:
    """The names of the actor, the best first: the principal (or the person behind it), then the access key.

    Empty where the finding does not say who acted, or where many act under that name. Without a time nothing can be
    put into a window.
    """
    if finding.user_type in _NOBODY or not (finding.last_time or finding.first_time):
        return ()
    named = arn.parse(finding.user_arn)
    if named is not None and named.kind == "assumed-role" and named.name.startswith(_SERVICE_ROLE):
        return ()
    if named is not None and "/aws-service-role/" in named.resource:
        return ()
    key = f"key {finding.access_key_id}" if _KEY.fullmatch(finding.access_key_id) else ""
    return tuple(filter(None, (_principal(finding, named), key)))


def role_arn(finding: Finding) -> str:
    """The ARN of the role whose session acted; empty for anybody else."""
    return arn.role_of_session(finding.user_arn)


def _principal(finding: Finding, named: arn.Arn | None) -> str:
    if named is None or named.service not in ("iam", "sts") or not _ACCOUNT.fullmatch(named.account):
        return ""
    if named.resource == "root":
        return f"root {named.account}"
    _, _, rest = named.resource.partition("/")
    if not rest:
        return ""
    if named.kind == "assumed-role":
        role, _, session = rest.partition("/")
        # Whom IAM Identity Center vouches for is the user of the finding (actors.py); any other name was chosen by
        # whoever opened the session, and counts within its role only.
        if role.startswith(_RESERVED) and session and finding.user == session:
            return f"person {session.casefold()}"
    return arn.any_partition(arn.without_path(finding.user_arn))
