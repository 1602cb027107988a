"""Deny everything to a user.

Facts: IAM User Guide, "Policy evaluation logic" (an explicit Deny wins over every Allow, and counts at the next request
of open sessions, too).
"""

from __future__ import annotations

from ...permission import Permission
from ._entities import USER, USERS
from ._quarantine import Quarantine, needed


class QuarantineUser(Quarantine):
    """Denies everything to a user by the inline policy `CloudTrailResponder-Quarantine`.

    The user is the one that the finding names as its object, else the caller's: of a long-term key its owner, whom IAM
    names. It is not AWS's own quarantine policy, which leaves much allowed. Keys, password and policies stay as they
    are, so nothing is lost, and one call takes it back. What the attacker has opened elsewhere (sessions of roles,
    other users) goes on.

    IAM gives all inline policies of a user 2,048 characters together. Where those that are there leave no room, the
    user gets AWS's policy `AWSDenyAll` as its permissions boundary instead, which denies as much.
    """

    id = "quarantine_user"
    title = "Quarantine user"
    required_fields = ("vendor_account",)
    detail_note = "nothing: the user is `object_id`, else the caller's (`user_arn`, `access_key_id`)"
    permissions = (*needed(USER), Permission("iam:GetAccessKeyLastUsed", USERS))
    risk = "high"
    risk_note = (
        "Everything that uses the user stops working, by key, by password and by session: it is denied, not signed out."
    )
    kinds = (USER,)
    proved_on = "moto, which has no boundaries of users: a double answers those calls"
