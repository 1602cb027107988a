"""Which person is behind a finding, as far as CloudTrail's own records prove it.

Whoever assumes a role names the session as he likes. Only IAM Identity Center names sessions by itself, of roles whose
path nobody else can make; the name is the user name there. So what counts are the finding's records, read with the
system's rights, and in them the issuer of the session. Facts: IAM Identity Center User Guide, "Referencing permission
sets in resource policies"; CloudTrail User Guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..splunk.client import Splunkd
from .cloudtrail import CloudTrailRecord
from .finding import Finding
from .proof import window
from .record_search import BATCH, is_event_id, records_of

EMAIL = r"[\w.+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
_ISSUER = re.compile(
    r"arn:[a-z-]+:iam::(?P<account>[0-9]{12}):role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?"
    r"(?P<role>AWSReservedSSO_\w+)",
    re.ASCII,
)


class Behind(NamedTuple):
    """``email`` is empty where nobody is proved; ``are_missing``: whether records may still come."""

    email: str
    are_missing: bool = False


def behind(splunkd: Splunkd, finding: Finding, now: float) -> Behind:
    """The address of whoever did all of it. Raises what ``search`` raises."""
    wanted = list(dict.fromkeys(event_id.lower() for event_id in finding.event_ids))
    if not wanted or len(wanted) > BATCH or not all(map(is_event_id, wanted)):
        return Behind("")
    found: dict[str, set[str]] = {}
    for result in records_of(splunkd, wanted, *window(finding, now)):
        try:
            record = CloudTrailRecord.parse(str(result.get("_raw")))
        except ValueError:
            # What cannot be read proves nothing; a further delivery of it may.
            continue
        found.setdefault(record.event_id.lower(), set()).add(_person_in(record, finding.vendor_account))
    if set(wanted) - set(found):
        return Behind("", are_missing=True)
    people = {person for event_id in wanted for person in found[event_id]}
    return Behind(people.pop() if len(people) == 1 else "")


def _person_in(record: CloudTrailRecord, account: str) -> str:
    """Empty unless Identity Center has opened the session, in the account in which it happened."""
    identity = _object(record.fields.get("userIdentity"))
    issuer = _object(_object(identity.get("sessionContext")).get("sessionIssuer"))
    issued = _ISSUER.fullmatch(str(issuer.get("arn") or ""))
    if identity.get("type") != "AssumedRole" or issued is None or not account:
        return ""
    if not account == record.account == record.caller_account == issued["account"]:
        # Another account's Identity Center may call its users as it likes.
        return ""
    session = re.fullmatch(
        rf"arn:[a-z-]+:sts::{account}:assumed-role/{issued['role']}/(?P<name>{EMAIL})", str(identity.get("arn") or "")
    )
    return session["name"].lower() if session is not None else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
