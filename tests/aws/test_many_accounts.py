"""One entry of the AWS accounts tab for many accounts: which they are, who acts in them, and what is ours there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from responder.aws import accounts, regions
from responder.errors import ConfigurationError, NotPermitted, Unavailable
from responder.findings.finding import Finding
from responder.remediation import ourselves
from responder.settings.model import AwsAccount, AwsEntry

from sandbox.aws.server import AwsStandIn
from tests.aws.organizations import ACCOUNT, READER, ROLE, Estate, Tab, entry
from tests.aws.support import Connected, FaultyAws, Tasks, account

KEY = {"access_key_id": "AKIARESPONDER0000000", "default_region": "us-east-1"}


def saved(**fields: str) -> AwsEntry:
    """As it is read from the settings."""
    return AwsEntry.from_conf("e", {**KEY, **fields}, {"secret_access_key": "s"})


def refused(tab: Tab, account_id: str) -> str:
    with pytest.raises(ConfigurationError) as error:
        tab.accounts.account_for(account_id)
    return str(error.value)


# Which accounts an entry stands for


def test_an_entry_with_a_list_acts_in_each_by_the_role_of_that_account() -> None:
    made = saved(accounts_from="list", account_ids="111122223333, 222233334444", role_arn=ROLE, read_role_arn=READER)
    assert made.named_accounts == ("111122223333", "222233334444")
    there = Tab([made]).accounts.account_for("222233334444")
    assert there.role_arn == "arn:aws:iam::222233334444:role/responder/Fixer"
    assert there.to_read().assumed_role == "arn:aws:iam::222233334444:role/responder/Reader"
    assert "No AWS account entry for account 333344445555" in refused(Tab([made]), "333344445555")


def test_accounts_of_an_organization_are_those_that_it_lists(estate: Estate) -> None:
    inside, tab = estate.account(), Tab([entry(estate.stand_in.url)])
    assert tab.accounts.account_for(inside).role_arn == f"arn:aws:iam::{inside}:role/responder/Fixer"
    assert "entry 'all' leaves it out: it is not in the organization" in refused(tab, "999988887777")


def test_only_accounts_in_the_units_and_below_them_are_meant(estate: Estate) -> None:
    tab = Tab([entry(estate.stand_in.url, organizational_units=(estate.outer,))])
    outside, inside, below = estate.account(), estate.account(estate.outer), estate.account(estate.inner)
    assert [tab.accounts.account_for(one).account_id for one in (inside, below)] == [inside, below]
    assert f"it is in none of {estate.outer}" in refused(tab, outside)
    assert {inside, below} <= set(tab.accounts.of(tab.rows[0])) and outside not in tab.accounts.of(tab.rows[0])


def test_only_accounts_with_all_of_the_tags_are_meant(estate: Estate) -> None:
    tab = Tab([entry(estate.stand_in.url, account_tags=(("env", "prod"), ("soc", "yes")))])
    both, one = estate.account(env="prod", soc="yes"), estate.account(env="prod", soc="no")
    assert tab.accounts.account_for(both).account_id == both
    assert "it has no tag soc=yes" in refused(tab, one)
    assert tab.accounts.of(tab.rows[0]) == (both,)


def test_the_management_account_is_left_out_unless_it_is_named(estate: Estate) -> None:
    everywhere = entry(estate.stand_in.url)
    assert "it is the management account, which the entry does not name" in refused(Tab([everywhere]), ACCOUNT)
    assert ACCOUNT not in Tab([everywhere]).accounts.of(everywhere)
    named = Tab([replace(everywhere, management_account_id=ACCOUNT)])
    assert named.accounts.account_for(ACCOUNT).account_id == ACCOUNT


def test_a_suspended_account_is_left_out(estate: Estate) -> None:
    closed, tab = estate.account(), Tab([entry(estate.stand_in.url)])
    estate.organizations.close_account(AccountId=closed)
    assert "it is suspended" in refused(tab, closed)
    assert closed not in tab.accounts.of(tab.rows[0])


def test_every_page_of_the_list_is_read(estate: Estate) -> None:
    there = {estate.account() for _ in range(25)}
    assert there <= set(Tab([entry(estate.stand_in.url)]).accounts.known())


def test_an_account_that_is_named_belongs_to_the_entry_that_names_it(estate: Estate) -> None:
    mine = estate.account()
    named = AwsEntry(account(estate.stand_in.url, name="named", account_id=mine, mode_ceiling="simulate"))
    tab = Tab([entry(estate.stand_in.url), named])
    assert tab.accounts.account_for(mine).name == "named"
    assert tab.calls == [], "nobody has to be asked"


def test_an_account_of_two_organizations_entries_is_nobodys(estate: Estate) -> None:
    """Their limits differ, and which of them counts must not be a matter of order."""
    shared = estate.account()
    tab = Tab([entry(estate.stand_in.url, name="one"), entry(estate.stand_in.url, name="two")])
    assert "belongs to entries 'one' and 'two'" in refused(tab, shared)
    found, failed = tab.accounts.every()
    assert found == [] and [name for name, _ in failed] == ["one", "two"]
    assert all("belong" in str(why) and "entries 'one' and 'two'" in str(why) for _, why in failed)


@pytest.mark.parametrize("account_id", ["", "12", "*", "1" * 13, "{account_id}", "0x1122223333", "１" * 12])
def test_what_is_no_account_is_asked_about_nowhere(estate: Estate, account_id: str) -> None:
    tab = Tab([entry(estate.stand_in.url)])
    assert "No AWS account entry" in refused(tab, account_id) and tab.calls == []


# What Organizations answers, and for how long it counts


def test_what_is_known_of_an_account_counts_for_minutes_and_right_before_a_change_for_seconds(estate: Estate) -> None:
    mine, tab = estate.account(estate.inner), Tab([entry(estate.stand_in.url, organizational_units=(estate.inner,))])
    there = tab.accounts.account_for(mine)
    asked = len(tab.calls)
    tab.now += 20
    tab.accounts.account_for(mine)
    tab.accounts.check_still(there)
    assert len(tab.calls) == asked
    estate.move(mine, estate.root)
    tab.now += 20
    assert tab.accounts.account_for(mine).account_id == mine
    with pytest.raises(ConfigurationError, match=f"entry 'all' leaves it out: it is in none of {estate.inner}"):
        tab.accounts.check_still(there)


def test_what_findings_name_costs_one_question_each(estate: Estate) -> None:
    tab = Tab([entry(estate.stand_in.url)])
    for _ in range(5):
        refused(tab, "999988887777")
    assert tab.calls == ["DescribeAccount"]


def behind(faulty: FaultyAws) -> Tab:
    return Tab([entry(faulty.url)])


def test_throttling_is_waited_for(estate: Estate, faulty: FaultyAws) -> None:
    mine = estate.account()
    faulty.add("DescribeAccount", code="TooManyRequestsException", status=429, times=1)
    assert behind(faulty).accounts.account_for(mine).account_id == mine


@pytest.mark.parametrize("operation", ["DescribeAccount", "ListParents", "ListTagsForResource"])
def test_no_answer_is_neither_a_yes_nor_a_no(estate: Estate, faulty: FaultyAws, operation: str) -> None:
    mine = estate.account(estate.inner, env="prod")
    tab = Tab([entry(faulty.url, organizational_units=(estate.inner,), account_tags=(("env", "prod"),))])
    faulty.add(operation, status=503, body="<html>no</html>")
    with pytest.raises(Unavailable):
        tab.accounts.account_for(mine)
    faulty.clear()
    assert tab.accounts.account_for(mine).account_id == mine


def test_who_may_not_list_is_told_the_right_that_is_missing(estate: Estate, faulty: FaultyAws) -> None:
    faulty.add("DescribeAccount", code="AccessDeniedException")
    with pytest.raises(NotPermitted, match="organizations:DescribeAccount"):
        behind(faulty).accounts.account_for(estate.account())


def test_paths_that_come_along_save_questions(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS gives them since 2026, and moto does not."""
    from moto.organizations.models import FakeAccount

    mine, elsewhere, describe = estate.account(), estate.account(), FakeAccount.describe

    def with_paths(self: Any) -> dict[str, Any]:
        unit = "ou-ab12-11111111" if self.id == mine else "ou-ab12-33333333"
        path = f"o-1234567890/r-ab12/{unit}/ou-ab12-22222222/{self.id}/"
        return {**describe(self), "Paths": [path]}

    monkeypatch.setattr(FakeAccount, "describe", with_paths)
    tab = Tab([entry(estate.stand_in.url, organizational_units=("ou-ab12-11111111",))])
    assert tab.accounts.account_for(mine).account_id == mine
    assert "it is in none of ou-ab12-11111111" in refused(tab, elsewhere)
    assert set(tab.calls) == {"DescribeAccount"}


# Acting in one of them


@pytest.fixture
def stopped_in(estate: Estate, name: str) -> Callable[[str], str]:
    """A trail in an account that somebody has stopped; its ARN."""

    def make(account_id: str) -> str:
        admin = estate.admin(account_id)
        admin("s3").create_bucket(Bucket=name)
        trail = admin("cloudtrail").create_trail(Name=name, S3BucketName=name)["TrailARN"]
        return str(trail)

    return make


def of(tasks: Tasks, tab: Tab, account_id: str) -> Tasks:
    made = Tasks(tasks.documents, tab.aws(tab.accounts.account_for(account_id)))
    made.tab = tab
    return made


def test_an_account_that_has_moved_since_it_was_planned_is_left_alone(
    estate: Estate, tasks: Tasks, stopped_in: Callable[[str], str], finding: Callable[..., Finding]
) -> None:
    mine, tab = estate.account(estate.inner), Tab([entry(estate.stand_in.url, organizational_units=(estate.inner,))])
    found = finding(vendor_account=mine, object_id=stopped_in(mine))
    acting = of(tasks, tab, mine)
    assert acting.run(found, "restart_trail_logging", "simulate").status == "simulated"
    estate.move(mine, estate.root)
    tab.now += 31
    with pytest.raises(ConfigurationError, match="leaves it out"):
        acting.run(found, "restart_trail_logging")
    assert acting.evidence().entries == [] and "change_applied" not in acting.steps()
    status = estate.admin(mine)("cloudtrail").get_trail_status(Name=found.object_id)
    assert not status["IsLogging"]


def test_the_reading_role_plans_and_the_other_one_changes_in_a_session_of_the_case(
    estate: Estate, tasks: Tasks, stopped_in: Callable[[str], str], finding: Callable[..., Finding]
) -> None:
    mine, tab = estate.account(), Tab([entry(estate.stand_in.url, read_role_arn=READER, tags_sessions=True)])
    found = finding(vendor_account=mine, object_id=stopped_in(mine))
    acting, sent = of(tasks, tab, mine), sessions_of(tab, mine)
    acting.run(found, "restart_trail_logging", "simulate")
    reader = READER.replace("{account_id}", mine)
    assert {session["RoleArn"] for session in sent} == {reader}, "only the role that reads"
    assert acting.run(found, "restart_trail_logging").status == "done"
    writer = ROLE.replace("{account_id}", mine)
    (of_case,) = [session for session in sent if session["RoleArn"] == writer and "Tags" in session]
    assert of_case["RoleSessionName"] == of_case["SourceIdentity"] == f"cloudtrail-responder-{acting.case}"
    assert of_case["Tags"] == [{"Key": "CloudTrailResponderCase", "Value": acting.case}]
    assert acting.undo().status == "undone"
    reads = tab.clients[acting.aws.account.to_read()]
    assert not [operation for _, operation in reads.calls if operation in ("StartLogging", "StopLogging")]


def sessions_of(tab: Tab, account_id: str) -> list[dict[str, Any]]:
    """Parameters of every AssumeRole from now on."""
    sent: list[dict[str, Any]] = []
    there = tab.accounts.account_for(account_id)
    for aws in {tab.aws(there), tab.aws(there.to_read())}:
        hub = aws._clients.of("sts", "", acting=False)
        hub.meta.events.register("provide-client-params.sts.AssumeRole", lambda params, **_: sent.append(dict(params)))
    return sent


def test_clients_are_shared_by_the_cases_of_an_account_and_sessions_are_not(estate: Estate) -> None:
    mine, tab = estate.account(), Tab([entry(estate.stand_in.url)])
    aws, sent = tab.aws(tab.accounts.account_for(mine)), sessions_of(tab, mine)
    before = aws.client("iam")
    for case in ("a" * 20, "b" * 20, "a" * 20):
        aws.write("iam", "create_user", case=case, already=("EntityAlreadyExists",), UserName=case)
    assert aws.client("iam") is before
    names = [session["RoleSessionName"] for session in sent]
    assert names == [f"cloudtrail-responder-{'a' * 20}", f"cloudtrail-responder-{'b' * 20}"]


def test_the_role_that_reads_writes_nothing(connect: Callable[..., Connected], stand_in: AwsStandIn) -> None:
    reader = account(stand_in.url, role_arn=ROLE, read_role_arn=READER).to_read()
    connected = connect(stand_in.url, **vars(reader))
    with pytest.raises(ValueError, match="by the role that reads"):
        connected.aws.write("iam", "delete_user", UserName="x")
    assert connected.calls == []


# What is ours in all of them


@pytest.mark.parametrize(
    "part",
    [
        "arn:aws:iam::777788889999:role/responder/Fixer",
        "arn:aws:sts::777788889999:assumed-role/Reader/cloudtrail-responder-abc",
        "arn:aws:iam::777788889999:role/other/path/fixer",
        "arn:aws:iam::111122223333:role/Lister",
        "Fixer",
        "Stack-777788889999",
        "arn:aws:iam::777788889999:role/Stack-777788889999",
    ],
)
def test_the_roles_of_every_account_that_an_entry_stands_for_are_ours(
    connected: Connected, stand_in: AwsStandIn, part: str
) -> None:
    """Whatever Organizations answers, and whether it does."""
    lister = "arn:aws:iam::111122223333:role/Lister"
    many = entry(stand_in.url, read_role_arn=READER, list_role_arn=lister).template
    stacked = replace(many, name="s", role_arn="arn:aws:iam::{account_id}:role/Stack-{account_id}", read_role_arn="")
    ours = ourselves.as_entered([many, stacked], connected.aws)
    assert ours.includes(part)


@pytest.mark.parametrize(
    "part",
    [
        "arn:aws:iam::777788889999:role/Fixer2",
        "arn:aws:iam::777788889999:user/Fixer",
        "arn:aws:iam::777788889999:role/Lister",
        "Stack-7777",
        "arn:aws:iam::777788889999:role/Stack-111122223333",
    ],
)
def test_others_are_not(connected: Connected, stand_in: AwsStandIn, part: str) -> None:
    lister = "arn:aws:iam::111122223333:role/Lister"
    many = entry(stand_in.url, list_role_arn=lister).template
    stacked = replace(many, name="s", role_arn="arn:aws:iam::{account_id}:role/Stack-{account_id}")
    assert not ourselves.as_entered([many, stacked], connected.aws).includes(part)


def test_all_accounts_of_the_organization_are_inside(estate: Estate) -> None:
    outside_of_the_unit = estate.account()
    tab = Tab([entry(estate.stand_in.url, organizational_units=(estate.inner,))])
    assert {outside_of_the_unit, ACCOUNT} <= tab.accounts.known()


# What may be entered


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"accounts_from": "list", "account_ids": "111122223333"}, "no role is entered"),
        ({"accounts_from": "list", "role_arn": ROLE}, "Account IDs is empty"),
        ({"accounts_from": "list", "account_ids": "11112222", "role_arn": ROLE}, "not an account ID of 12 digits"),
        ({"accounts_from": "all", "role_arn": ROLE}, "Accounts is 'all', not one of one, list, organization"),
        (
            {"accounts_from": "organization", "role_arn": "arn:aws:iam::111122223333:role/x"},
            "must have {account_id} in place of the account",
        ),
        ({"accounts_from": "organization", "role_arn": "Fixer"}, "not the ARN of an IAM role"),
        (
            {"accounts_from": "organization", "role_arn": ROLE, "read_role_arn": READER.replace("aws", "aws-cn", 1)},
            "in another partition",
        ),
        ({"accounts_from": "organization", "role_arn": ROLE, "list_role_arn": ROLE}, "is one role in one account"),
        ({"accounts_from": "organization", "role_arn": ROLE, "organizational_units": "prod"}, "ou-ab12-11111111"),
        ({"accounts_from": "organization", "role_arn": ROLE, "account_tags": "env"}, "a pair such as env=production"),
        ({"accounts_from": "organization", "role_arn": ROLE, "account_tags": "a=1,a=2"}, "names a key twice"),
        ({"accounts_from": "organization", "role_arn": ROLE, "management_account_id": "all"}, "is not 12 digits"),
        ({"account_id": "111122223333", "read_role_arn": READER}, "none for changes"),
        ({"account_id": "111122223333", "role_arn": ROLE, "tags_sessions": "perhaps"}, "neither true nor false"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(fields: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        saved(**fields)


@pytest.mark.parametrize("role", ["role_arn", "read_role_arn", "list_role_arn"])
def test_a_role_in_another_partition_is_refused_before_anybody_is_asked(
    connect: Callable[..., Connected], stand_in: AwsStandIn, role: str
) -> None:
    plain = f"arn:aws:iam::{ACCOUNT}:role/x"
    foreign = {"role_arn": plain, role: plain.replace("arn:aws:", "arn:aws-us-gov:")}
    connected = connect(stand_in.url, **foreign)
    with pytest.raises(ConfigurationError, match=r"partition aws-us-gov, but region us-east-1 is in aws\."):
        connected.aws.check()
    assert ("sts", "AssumeRole") not in connected.calls


def test_the_partition_of_a_region_is_known() -> None:
    found = [regions.partition_of(region) for region in ("eu-central-1", "cn-north-1", "us-gov-west-1", "xx-y-1")]
    assert found == ["aws", "aws-cn", "aws-us-gov", ""]


def test_an_entry_is_tried_in_its_first_accounts_before_it_is_saved(estate: Estate) -> None:
    made = entry(estate.stand_in.url, read_role_arn=READER)
    tab, ids = Tab([made]), [estate.account() for _ in range(7)]
    line = accounts.check(made, ids, tab.aws)
    assert "assumed-role/Fixer" in line and "assumed-role/Reader" in line and "5 accounts were tried" in line
    with pytest.raises(ConfigurationError, match="stands for no account"):
        accounts.check(made, (), tab.aws)
    wrong = replace(made, template=replace(made.template, role_arn=f"arn:aws:iam::{ACCOUNT}:role/x"))
    with pytest.raises(ConfigurationError, match=f"act in account {ACCOUNT}"):
        accounts.check(wrong, ids, tab.aws)


def test_an_entry_that_cannot_be_used_says_why_where_it_might_be_meant(estate: Estate) -> None:
    broken = AwsEntry.unusable("b", {"accounts_from": "organization"}, ConfigurationError("It has no role."))
    assert "entry 'b' leaves it out: It has no role" in refused(Tab([broken]), "111122223333")
    named = AwsEntry.unusable("b", {"account_id": "111122223333"}, ConfigurationError("It has no key."))
    assert refused(Tab([named]), "111122223333") == "It has no key."


def test_an_account_without_a_reading_role_is_read_by_the_same_client() -> None:
    plain = AwsAccount("main", ACCOUNT, role_arn=f"arn:aws:iam::{ACCOUNT}:role/x")
    assert plain.to_read() is plain
