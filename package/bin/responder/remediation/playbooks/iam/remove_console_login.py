"""Take the console password from a user.

Facts: IAM API Reference, GetLoginProfile, DeleteLoginProfile (deleting it does not touch access keys;
``EntityTemporarilyUnmodifiable`` right after it was made); IAM User Guide, "Manage passwords for IAM users" (AWS shows
a password to nobody, so it cannot be given back).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim
from ....findings.successes import Contained
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _callers as callers
from . import _entities as entities
from ._entities import USER, USERS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

PASSWORD = "Console password"


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for user in record.parameters("userName"):
        yield {"object_category": USER.type, "object_id": user}


class RemoveConsoleLogin(entities.OnEntity):
    """Deletes the login profile of a user, and with it the password: the user can no longer sign in to the console.

    The user is the one that the finding names as its object, else the caller. Access keys work on, and so does a
    console session that is open: `end_live_sessions` ends it. What the profile was like (since when, whether a new
    password was required) is kept as evidence.
    """

    id = "remove_console_login"
    title = "Remove console password"
    accepts = (USER.type,)
    required_fields = ("vendor_account",)
    detail_note = "nothing: the user is `object_id`"
    services = ("iam",)
    permissions = (
        *entities.reading(USER),
        Permission("iam:GetLoginProfile", USERS),
        Permission("iam:DeleteLoginProfile", USERS),
    )
    # Not UpdateLoginProfile: the password was somebody's before, and to delete it gives him nothing back.
    takes_back = (Made("iam", ("CreateLoginProfile",), _taken_back, Turn.CREDENTIALS),)
    risk = "medium"
    risk_note = (
        "The user cannot sign in until somebody gives it a new password. Users who sign in by federation or IAM "
        "Identity Center have none and notice nothing."
    )
    undoable = False
    undo_note = (
        "AWS tells nobody the old password. To let the user in again, create a login profile with a new password that "
        "has to be changed at the first sign-in, and hand it over by a safe way."
    )
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return callers.claims(finding)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (callers.target(finding, aws, USER),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = entities.read(target.id, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        answer = aws.read_if(("NoSuchEntity",), "iam", "get_login_profile", UserName=arn.name_of(resource.id))
        if answer is None:
            return {PASSWORD: None}
        profile = answer["LoginProfile"]
        must = "has to be changed" if profile.get("PasswordResetRequired") else "may be kept"
        return {PASSWORD: f"set {entities.day(profile['CreateDate'])}, {must}"}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        before = seen.state[PASSWORD]
        if before is None:
            return ()
        call = Call("iam", "delete_login_profile", {"UserName": arn.name_of(seen.resource.id)})
        return (Step(PASSWORD, before, None, call),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Delete the console password of {entities.entity_words(resource)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        now, who = state[PASSWORD], entities.entity_words(resource)
        return f"The {who} has no console password." if now is None else f"The console password of {who} was {now}."

    def contains(self, resource: Resource) -> Contained | None:
        who = f"the console password of {entities.entity_words(resource)}"
        return Contained(who, principals=(resource.id,), calls=("ConsoleLogin",))

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        keys = len(resource.access_keys)
        owned = f"The user has {keys or 'no'} access key{'' if keys == 1 else 's'}."
        return [*entities.used_words(resource, aws), owned]
