"""Contain whoever made the calls that were found, with what he has made since the day before.

Facts: as in the playbooks of the parts. In which order: IAM User Guide, "Revoke IAM role temporary security
credentials" (a session that is ended is opened again by whoever has the key still).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .... import arn
from ....errors import InvalidFinding, NotFound, ResponderError, one_line
from ....findings.actor_calls import OPENING, ActorCalls, Truncated
from ....findings.claims import Claim, caller
from ....findings.cloudtrail import CloudTrailRecord, operation_of
from ....findings.moments import epoch_of
from ...blast_radius import LONGEST
from ...composed import ComposedPlaybook, Part, Parts
from ...made import Turn
from ...model import Resource
from ...playbook import Past, Playbook
from . import _callers as callers
from . import _entities as entities
from ._entities import ROLE, USER

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

KEY, SESSIONS, NEW_USER = "deactivate_access_key", "end_live_sessions", "contain_new_user"
QUARANTINE = {USER: "quarantine_user", ROLE: "quarantine_role"}
#: Where whoever was made is denied everything, what was given to him needs no part of its own.
COVERING = (NEW_USER, QUARANTINE[ROLE])
#: Other accounts that are named to people.
MOST_ACCOUNTS = 5


class ContainActor(ComposedPlaybook):
    """Takes from an actor what it acts with, and takes back what it has made: one plan of many parts, approved as one.

    The actor is whoever made the calls of the finding: its access key, and the user or the role session behind it. What
    it has made, CloudTrail in the index says now, from a day before the finding on: by calls that succeeded, with the
    key, by the user or session, and with whatever these opened or made (sessions of other roles, keys, users, roles).
    Nothing of that is taken from the finding.

    Each part is another playbook on a target of its own, which plans, applies, verifies and undoes it. They are applied
    in an order that the actor cannot outrun:

    1. credentials: the key, keys and users that it made;
    2. live sessions: of the user or role, and of roles that it has assumed;
    3. the user or role itself, and roles that it made: they are denied everything;
    4. rights that it gave to others: policies, group memberships, grants;
    5. the rest: open rules, instances, functions and so on.

    Existing things of others are changed only as far as a playbook can take back the very call. A part that cannot be
    planned, that a guardrail refuses, or that fails stops none of the others; ticket, thread and audit say which, and
    what may pass is tried again. Where a guardrail protects the actor, nothing at all is done. The ceilings and
    thresholds that the Safety tab has for the playbook of a part count for the part: at `simulate` it is left out, and
    at `approve` all of it waits for a person. Delay, change windows, time limit and change limits are those of
    `contain_actor`. It acts in one account; the plan names other accounts in which the actor has opened sessions.

    CloudTrail delivers late: what is not in the index yet is found when the remediation goes on (after an approval, or
    when a part is tried again), and by the next finding about the actor. A part that is new has to be approved, too.
    """

    id = "contain_actor"
    title = "Contain actor"
    required_fields = ("vendor_account", "last_time")
    detail_note = "nothing: the actor is the caller (`access_key_id`, `user_arn`)"
    risk = "high"
    risk_note = (
        "All risks of its parts together. Whoever shares the key, the user or the role with the actor is cut off, and "
        "what they have made with it within the day is taken back, too: CloudTrail cannot tell them apart. Have people "
        "approve it (`contain_actor=approve` among the playbook ceilings of the Safety tab); the plan says which call "
        "each part takes back, and from which address it came."
    )
    undo_note = (
        "Takes back each part as its own playbook does, the last first. A part that none takes back stays, and the "
        "undo says so."
    )
    proved_on = "moto, with doubles where its parts' own pages say so"

    def may_use(self, playbook: Playbook) -> bool:
        return bool(playbook.takes_back) or playbook.id in (KEY, SESSIONS, *QUARANTINE.values())

    def missing(self, finding: Finding) -> list[str]:
        """A key or a principal: one of them."""
        found = super().missing(finding)
        return found if finding.access_key_id or finding.user_arn else [*found, "access_key_id"]

    def claims(self, finding: Finding) -> Sequence[Claim]:
        named = filter(None, (finding.access_key_id, finding.user_arn))
        return [caller(name, finding.vendor_account) for name in named]

    def subject(self, finding: Finding, aws: Aws) -> Resource:
        """The user or role as IAM has it. Raises RefusedByGuardrail for root."""
        actor = _caller(finding)
        try:
            found, _ = entities.read(callers.target(actor, aws, USER, ROLE).id, aws)
        except (InvalidFinding, NotFound):
            # It is gone, or it is the session of somebody whom IAM does not name.
            found = Resource(actor.user_arn or actor.access_key_id, "", aws.account.account_id)
        named = tuple(filter(None, (actor.user_arn, actor.access_key_id)))
        return replace(found, principals=tuple(dict.fromkeys((*found.principals, *named))))

    def parts(self, finding: Finding, past: Past) -> Parts:
        errors: list[ResponderError] = []
        operations = {name for part in self._parts.values() for made in part.takes_back for name in made.operations}
        records = past(ActorCalls(tuple(sorted(operations))), finding)
        if isinstance(records, Truncated):
            errors.append(
                InvalidFinding("The actor made more calls than are looked at: look in CloudTrail for what else it made")
            )
        made = list(self._made(records, finding))
        covered = frozenset(_covered(made))
        errors += _elsewhere(records, finding)
        kept = [one for one in made if one.playbook in COVERING or _about(one) not in covered]
        own = frozenset(record.event_id for record in records)
        return Parts([*_acts_with(finding, records, covered), *kept], errors, own)

    def _made(self, records: Iterable[CloudTrailRecord], finding: Finding) -> Iterator[Part]:
        """What playbooks say that they can take back. The earliest call first, so that parts keep their places."""
        for record in sorted(records, key=lambda record: (_time(record), record.event_id)):
            for playbook in self._parts.values():
                for made in playbook.takes_back:
                    for part in made.findings(record, finding):
                        yield Part(playbook.id, part, made.turn, record, _why(record))


def _acts_with(
    finding: Finding, records: Iterable[CloudTrailRecord], covered: frozenset[tuple[str, str]]
) -> Iterator[Part]:
    """The actor's own key, sessions and principal, and sessions of roles that he has assumed."""
    actor = _caller(finding)
    if actor.access_key_id.startswith("AKIA"):
        yield Part(KEY, actor, Turn.CREDENTIALS, why="It is the key that made the calls that were found.")
    named = arn.parse(actor.user_arn)
    kind = ROLE if named is not None and named.kind in ("assumed-role", ROLE.name) else USER
    yield Part(SESSIONS, actor, Turn.SESSIONS, why="Its sessions made the calls that were found, or can be opened.")
    yield Part(QUARANTINE[kind], actor, Turn.PRINCIPALS, why="It made the calls that were found.")
    assumed: dict[str, CloudTrailRecord] = {}
    for record in sorted(records, key=_time, reverse=True):
        role = _assumed(record)
        # By the newest one: sessions that were opened before it are ended with it.
        if role and (ROLE.name, role) not in covered and (named is None or kind is USER or named.name != role):
            assumed.setdefault(role, record)
    for role, record in assumed.items():
        at = _time(record)
        about = replace(actor, object_category=ROLE.type, object_id=role, first_time=at, last_time=at)
        yield Part(SESSIONS, about, Turn.SESSIONS, why=_why(record))


def _caller(finding: Finding) -> Finding:
    """The finding as one about its caller, whatever it was about."""
    return replace(finding, object_category="", object_id="", detail={})


def _assumed(record: CloudTrailRecord) -> str:
    """The role of this account of which a call has opened a session."""
    named = _opened(record)
    return named.name if named is not None and named.account == record.account else ""


def _elsewhere(records: Iterable[CloudTrailRecord], finding: Finding) -> Iterator[ResponderError]:
    """Says which other accounts the actor went to: only in them can he be contained there."""
    sessions = filter(None, map(_opened, records))
    accounts = sorted({named.account for named in sessions} - {finding.vendor_account})
    if accounts:
        more = f" and {len(accounts) - MOST_ACCOUNTS} more" if len(accounts) > MOST_ACCOUNTS else ""
        yield InvalidFinding(
            f"The actor has opened sessions of roles in other accounts ({', '.join(accounts[:MOST_ACCOUNTS])}{more}): "
            "contain them and look for what they made there"
        )


def _opened(record: CloudTrailRecord) -> arn.Arn | None:
    """The session of a role that a call has opened, in whatever account."""
    if operation_of(record.event_name) not in OPENING or record.service != "sts":
        return None
    return arn.parse(entities.at(record, "responseElements.assumedRoleUser.arn"))


def _covered(parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    """Users and roles that the actor has made, and that are denied everything."""
    for part in parts:
        if part.playbook in COVERING:
            yield (USER if part.playbook == NEW_USER else ROLE).name, arn.name_of(part.finding.object_id)


def _about(part: Part) -> tuple[str, str]:
    """The user or role that a call of IAM was about; a user who names none is it himself."""
    record = part.record
    if record is None or record.service != "iam":
        return "", ""
    kind, name = entities.entity_at(record) or (USER, entities.at(record, "userIdentity.userName"))
    return kind.name, name


def _why(record: CloudTrailRecord) -> str:
    who = entities.at(record, "userIdentity.arn") or record.access_key_id
    place, key = entities.at(record, "sourceIPAddress"), record.access_key_id
    by = f"{who} with {key}" if key and key != who else who
    at = entities.at(record, "eventTime")
    return one_line(f"{record.event_name} at {at} by {by} from {place} (event {record.event_id}).")[:LONGEST]


def _time(record: CloudTrailRecord) -> float:
    return epoch_of(entities.at(record, "eventTime"))
