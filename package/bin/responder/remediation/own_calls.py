"""Calls of the app itself, made known before they are made, so that searches pass over these and no others.

Who makes a call and in which account, AWS says (``sts:GetCallerIdentity``): no finding does, nor does the account that
it is about. A company's own remediation may be called in another one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..aws.identity import Identity
    from .together import Together

#: Whom AWS sees when we act: searches pass over what they do, and raise what our audit does not know of.
OWN_PRINCIPALS = "responder_own_principals"
#: What the app calls; one entry for each operation of an account in so many seconds is enough.
OWN_CALLS, OWN_CALL_SLOT = "responder_own_calls", 60


def know_principal(documents: Together, who: Identity, at: float) -> None:
    """Who is about to change something; ``at``: epoch seconds. Raises a ResponderError."""
    for principal in dict.fromkeys((who.arn, *who.parts)):
        key = hashlib.sha256(principal.encode()).hexdigest()[:32]
        own = {"own_principal": principal, "account_id": who.account, "since": at}
        documents.insert_once(OWN_PRINCIPALS, {"_key": key, **own})


def know_call(documents: Together, who: Identity, operation: str, at: float) -> None:
    """The call that is about to be made; operation as in boto3. Raises a ResponderError."""
    key = f"{who.account}:{operation}:{at // OWN_CALL_SLOT:.0f}"
    own = {"account_id": who.account, "operation": operation, "called_at": at}
    documents.insert_once(OWN_CALLS, {"_key": key, **own})
