"""Nothing that any account entry of ours is made of is ever touched, whichever entry acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.errors import Unavailable
from responder.findings.finding import Finding
from responder.remediation import ourselves
from responder.settings.model import AwsAccount, Http
from responder.settings.secret import Secret

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Connected, FaultyAws, Tasks, account, query_error

PLAYBOOK = "deactivate_access_key"
ELSEWHERE = "222233334444"
Find = Callable[..., Finding]
Admin = Callable[..., Any]


def user_with_keys(admin: Admin, name: str, number: int = 2) -> list[tuple[str, str]]:
    admin("iam").create_user(UserName=name)
    keys = (admin("iam").create_access_key(UserName=name)["AccessKey"] for _ in range(number))
    return [(key["AccessKeyId"], key["SecretAccessKey"]) for key in keys]


def entry_b(stand_in: Any, key: str, secret: str = "s", **fields: Any) -> tuple[AwsAccount, Aws]:
    """Entry B acts in another account, by a role; its user lives in the account of entry A."""
    role = f"arn:aws:iam::{ELSEWHERE}:role/fixer"
    plain = {"name": "b", "account_id": ELSEWHERE, "access_key_id": key, "secret_access_key": Secret(secret)}
    made = account(stand_in.url, **{**plain, "role_arn": role, **fields})
    return made, Aws(made, Http(), attempts=1)


def status_of(admin: Admin, user: str, key: str) -> str:
    listed = admin("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
    return str(next(k["Status"] for k in listed if k["AccessKeyId"] == key))


def test_our_own_key_and_the_other_keys_of_our_user(
    connect: Callable[..., Connected], tasks: Tasks, stand_in: Any, admin: Admin, name: str, finding: Find
) -> None:
    (own, secret), (other, _) = user_with_keys(admin, name)
    me = Tasks(tasks.documents, connect(stand_in.url, access_key_id=own, secret_access_key=Secret(secret)).aws)
    for number, key in enumerate((own, other)):
        outcome = me.run(finding(access_key_id=key), PLAYBOOK, task=me.task(number))
        assert outcome.status == "refused" and "is the responder itself" in outcome.message
        assert status_of(admin, name, key) == "Active"


def test_the_keys_of_the_user_of_another_entry(
    tasks: Tasks, stand_in: Any, admin: Admin, name: str, finding: Find
) -> None:
    """A finding in A about the key of B's user, who lives in A; also about a key that entry B does not name."""
    (named, secret), (other, _) = user_with_keys(admin, name)
    tasks.others = dict([entry_b(stand_in, named, secret)])
    for number, key in enumerate((named, other)):
        outcome = tasks.run(finding(access_key_id=key), PLAYBOOK, task=tasks.task(number))
        assert outcome.status == "refused" and "is the responder itself" in outcome.message
        assert status_of(admin, name, key) == "Active"


@pytest.mark.parametrize("secret", ["", "wrong"], ids=["incomplete", "does not sign in"])
def test_an_entry_that_cannot_sign_in_is_protected_all_the_same(
    tasks: Tasks, stand_in: Any, admin: Admin, name: str, finding: Find, secret: str
) -> None:
    (named, _), (other, _) = user_with_keys(admin, name)
    made, aws = entry_b(stand_in, named, secret)
    if secret:
        aws = Aws(AwsAccount(**{**vars(made), "endpoint_url": "http://127.0.0.1:9"}), Http(), attempts=1)
    tasks.others = {made: aws}
    for number, key in enumerate((named, other)):
        assert tasks.run(finding(access_key_id=key), PLAYBOOK, task=tasks.task(number)).status == "refused"


def test_somebody_elses_key_is_still_deactivated(
    tasks: Tasks, stand_in: Any, admin: Admin, name: str, finding: Find
) -> None:
    ((ours, secret),) = user_with_keys(admin, name, 1)
    ((theirs, _),) = user_with_keys(admin, f"{name}-other", 1)
    tasks.others = dict([entry_b(stand_in, ours, secret)])
    assert tasks.run(finding(access_key_id=theirs), PLAYBOOK).status == "done"
    assert status_of(admin, f"{name}-other", theirs) == "Inactive"


def test_all_that_entries_are_made_of(connected: Connected, stand_in: Any, admin: Admin, name: str) -> None:
    """Keys, their users and roles; also of an entry that cannot sign in, whose user is found by its key."""
    ((good, secret),) = user_with_keys(admin, name, 1)
    ((lost, _),) = user_with_keys(admin, f"{name}-lost", 1)
    b, aws_b = entry_b(stand_in, good, secret)
    c, aws_c = entry_b(stand_in, lost, "", name="c", role_arn=f"arn:aws:iam::{ELSEWHERE}:role/other")
    signed_in = {connected.aws.account: connected.aws, b: aws_b, c: aws_c}
    found = ourselves.in_full(tuple(signed_in), connected.aws, signed_in.__getitem__)
    for part in (
        good,
        lost,
        f"arn:aws:iam::{ACCOUNT}:user/{name}",
        f"arn:aws:iam::{ACCOUNT}:user/{name}-lost",
        f"arn:aws:iam::{ELSEWHERE}:role/fixer",
        f"arn:aws:sts::{ELSEWHERE}:assumed-role/other/session",
        connected.aws.identity().arn,
    ):
        assert found.includes(part), part
    for other in (f"arn:aws:iam::{ELSEWHERE}:user/{name}", f"arn:aws:iam::{ACCOUNT}:role/fixer", "AKIAOTHER"):
        assert not found.includes(other), other


def test_entries_that_share_a_key_are_asked_once(stand_in: Any, connect: Callable[..., Connected]) -> None:
    """One key that assumes a role in each of forty accounts is one key."""
    hub = connect(stand_in.url)
    made = {}
    for number in range(40):
        role = f"arn:aws:iam::{number:012}:role/fixer"
        entry = account(stand_in.url, name=f"n{number}", account_id=f"{number:012}", role_arn=role)
        made[entry] = connect(stand_in.url, **{**vars(entry)})
    ourselves.in_full((hub.aws.account, *made), hub.aws, lambda entry: made[entry].aws if entry in made else hub.aws)
    assert sum(len(connected.calls) for connected in (hub, *made.values())) <= 2


def test_what_touches_nobody_asks_nobody(
    tasks: Tasks, connected: Connected, stand_in: Any, admin: Admin, name: str, finding: Find
) -> None:
    """A bucket is no principal: no other entry is signed in for it."""
    admin("s3").create_bucket(Bucket=name)
    entry = account(stand_in.url, name="b", access_key_id="AKIAB000000000000000")

    def never(*_: Any) -> Any:
        raise AssertionError("the other entry was asked")

    other = Aws(entry, Http())
    other.base_arn = never  # type: ignore[method-assign]
    tasks.others = {entry: other}
    assert tasks.run(finding(object_id=name), "block_public_bucket").status == "done"


def test_a_lookup_that_fails_for_a_moment_protects_by_waiting(
    connect: Callable[..., Connected], faulty: FaultyAws, stand_in: Any
) -> None:
    lost, aws = entry_b(stand_in, "AKIALOST000000000000", "")
    acting = connect(faulty.url, attempts=1)
    faulty.add("GetAccessKeyLastUsed", status=400, body=query_error("Throttling"))
    with pytest.raises(Unavailable):
        ourselves.in_full((acting.aws.account, lost), acting.aws, lambda entry: aws if entry == lost else acting.aws)


def test_a_key_of_another_account_has_no_user_here(
    connect: Callable[..., Connected], faulty: FaultyAws, stand_in: Any
) -> None:
    lost, aws = entry_b(stand_in, "AKIALOST000000000000", "")
    acting = connect(faulty.url, attempts=1)
    faulty.add("GetAccessKeyLastUsed", status=403, body=query_error("AccessDenied"))
    signed_in = {acting.aws.account: acting.aws, lost: aws}
    found = ourselves.in_full(tuple(signed_in), acting.aws, signed_in.__getitem__)
    assert found.includes("AKIALOST000000000000")
