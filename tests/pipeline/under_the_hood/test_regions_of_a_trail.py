"""Validation misses no account and no region of a trail, also where somebody has deleted all that lay there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto.organizations.models import organizations_backends
from responder.aws.client import Aws
from responder.pipeline import trail_files
from responder.pipeline.chain import Times
from responder.pipeline.validation import validate
from responder.pipeline.validation_report import Report, Verdict

from sandbox.aws.digests import HOUR, CloudTrailDelivery, signing_key
from sandbox.aws.doubles import regions
from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn
from tests.pipeline.under_the_hood.conftest import NOW, START, TrailInS3, make_trail, record

OTHER, OPTIONAL, ORGANIZATION = "eu-west-1", "af-south-1", "o-exampleorgid"
END = START + HOUR


@pytest.fixture(scope="module")
def everywhere(stand_in: AwsStandIn, aws: Aws) -> TrailInS3:
    """A trail of all regions, with an hour's digest in each."""
    made = make_trail(stand_in, aws, f"t-{uuid.uuid4().hex[:16]}", prefix="some/where", IsMultiRegionTrail=True)
    made.deliver(1, each=1)
    for region in set(regions.ALWAYS_ON) - {REGION}:
        _delivery(stand_in, made, region).digest(END)
    return made


@pytest.fixture
def home_only(stand_in: AwsStandIn, aws: Aws, name: str) -> TrailInS3:
    """A trail of all regions, of which only those of its home are left in the bucket."""
    made = make_trail(stand_in, aws, name, prefix="some/where", IsMultiRegionTrail=True)
    made.deliver(1, each=1)
    return made


def _delivery(stand_in: AwsStandIn, made: TrailInS3, region: str, trail: str = "") -> CloudTrailDelivery:
    # One key for all regions: to make one takes long.
    key, prefix = signing_key(REGION), "some/where/AWSLogs/"
    found = CloudTrailDelivery(stand_in, made.bucket, trail or made.bucket, region=region, prefix=prefix, key=key)
    found.publish(START - 48 * HOUR, NOW)
    return found


def _missing(report: Report) -> set[tuple[str, str]]:
    return {(chain.account, chain.region) for chain, problem in report.problems() if problem.kind == "region_missing"}


def test_a_region_of_which_everything_is_deleted_is_named(everywhere: TrailInS3) -> None:
    report = everywhere.validate(end=END)
    assert (report.verdict, len(report.chains), report.unknown) == (Verdict.VALID, len(regions.ALWAYS_ON), ())
    folder = f"some/where/AWSLogs/{ACCOUNT}/CloudTrail-Digest/{OTHER}/"
    for entry in everywhere.s3.list_objects_v2(Bucket=everywhere.bucket, Prefix=folder)["Contents"]:
        everywhere.delete(entry["Key"])
    report = everywhere.validate(end=END)
    ((chain, problem),) = report.problems()
    assert (report.verdict, chain.region, problem.kind) == (Verdict.INVALID, OTHER, "region_missing")
    assert (problem.start, problem.end) == (START, END)
    assert "no file of it" in problem.detail and f"logs {OTHER}" in problem.detail
    # By its name it is a gap like any other.
    assert {one.kind for _, one in everywhere.validate(end=END, regions=[OTHER]).problems()} == {"gap"}
    assert everywhere.validate(end=END, regions=[REGION]).verdict is Verdict.VALID


def test_a_region_that_has_logs_and_no_digests_is_a_gap(stand_in: AwsStandIn, home_only: TrailInS3) -> None:
    other = _delivery(stand_in, home_only, OTHER)
    log = other.log(START + timedelta(minutes=10), [record(1, START)])
    report = home_only.validate(end=END)
    found = [(problem.kind, problem.file) for chain, problem in report.problems() if chain.region == OTHER]
    assert found == [("gap", ""), ("log_unsigned", f"{home_only.bucket}/{log}")]
    assert len(_missing(report)) == len(regions.ALWAYS_ON) - 2


def test_a_region_with_digests_of_other_days_only_is_a_gap(stand_in: AwsStandIn, home_only: TrailInS3) -> None:
    _delivery(stand_in, home_only, OTHER).digest(START - 30 * HOUR)
    report = home_only.validate(end=END)
    assert [problem.kind for chain, problem in report.problems() if chain.region == OTHER] == ["gap"]


def test_a_region_that_somebody_switched_on_has_to_be_there(stand_in: AwsStandIn, home_only: TrailInS3) -> None:
    before = _missing(home_only.validate(end=END))
    regions.switch_on(stand_in.world(), OPTIONAL)
    try:
        report = home_only.validate(end=END)
    finally:
        regions.switch_off(stand_in.world(), OPTIONAL)
    assert _missing(report) - before == {(ACCOUNT, OPTIONAL)}
    (detail,) = (problem.detail for chain, problem in report.problems() if chain.region == OPTIONAL)
    assert "if it was not at the time, this is no problem" in detail


def test_without_the_right_to_list_regions_it_says_that_they_are_not_known(home_only: TrailInS3, denied: Any) -> None:
    denied("describe_regions")
    report = home_only.validate(end=END)
    assert report.verdict is Verdict.UNCHECKED and not list(report.problems())
    (line,) = report.unknown
    assert "Which regions are on is not known" in line and "ec2:DescribeRegions" in line
    assert home_only.validate(end=END, regions=[REGION]).verdict is Verdict.VALID


def test_a_trail_of_one_region_is_asked_about_no_other(stand_in: AwsStandIn, aws: Aws, name: str, denied: Any) -> None:
    made = make_trail(stand_in, aws, name, prefix="some/where")
    made.deliver(1)
    # Another trail's, and its own of a time at which it logged all regions.
    _delivery(stand_in, made, OTHER, trail="another").digest(END)
    _delivery(stand_in, made, "eu-west-2").digest(START - 30 * HOUR)
    denied("describe_regions")
    report = made.validate(end=END)
    assert (report.verdict, report.unknown, len(report.chains)) == (Verdict.VALID, (), 1)


def test_a_trail_that_was_cut_down_to_its_home_within_the_time_has_a_gap(
    stand_in: AwsStandIn, aws: Aws, name: str
) -> None:
    made = make_trail(stand_in, aws, name, prefix="some/where")
    made.deliver(2)
    _delivery(stand_in, made, OTHER).digest(END)
    ((chain, problem),) = made.validate(end=END + HOUR).problems()
    assert (chain.region, problem.kind, problem.start, problem.end) == (OTHER, "gap", END, END + HOUR)


def test_of_a_trail_that_is_gone_its_digests_say_whether_it_logged_all_regions(
    stand_in: AwsStandIn, aws: Aws, home_only: TrailInS3
) -> None:
    trail = trail_files.entered(home_only.arn, home_only.bucket, "some/where")
    report = validate(aws, trail, Times(START, END, NOW))
    assert report.verdict is Verdict.UNCHECKED and "Whether the trail logged all regions" in report.unknown[0]
    _delivery(stand_in, home_only, OTHER).digest(END)
    report = validate(aws, trail, Times(START, END, NOW))
    assert report.unknown == () and len(_missing(report)) == len(regions.ALWAYS_ON) - 2


# An organization's


@pytest.fixture
def member(stand_in: AwsStandIn) -> Iterator[str]:
    """An account that was in the organization long before, beside one that came later."""
    organizations = stand_in.client("organizations")
    # Another test of the process may have left one behind; its accounts joined after the time that is validated.
    try:
        organizations.create_organization(FeatureSet="ALL")
        is_ours = True
    except organizations.exceptions.AlreadyInOrganizationException:
        is_ours = False
    made = [
        organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        for name in (uuid.uuid4().hex[:12], uuid.uuid4().hex[:12])
    ]
    backend = organizations_backends[ACCOUNT]["aws"]
    (joined,) = [one for one in backend.accounts if one.id == made[0]]
    # Organizations has no call to join in the past.
    joined.create_time = (START - 48 * HOUR).replace(tzinfo=None)
    yield made[0]
    for account in made:
        organizations.remove_account_from_organization(AccountId=account)
    if is_ours:
        organizations.delete_organization()


def test_an_account_of_which_everything_is_deleted_is_named(
    stand_in: AwsStandIn, aws: Aws, name: str, member: str
) -> None:
    made = _organization_trail(stand_in, aws, name)
    report = made.validate(end=END)
    assert (_missing(report), report.unknown) == ({(member, REGION)}, ())
    assert made.validate(end=END, accounts=[ACCOUNT]).verdict is Verdict.VALID


def test_without_the_right_to_list_accounts_it_says_that_they_are_not_known(
    stand_in: AwsStandIn, aws: Aws, name: str, denied: Any
) -> None:
    """As from a member account."""
    denied("list_accounts")
    report = _organization_trail(stand_in, aws, name).validate(end=END)
    assert report.verdict is Verdict.UNCHECKED and "Which accounts the organization has" in report.unknown[0]


def _organization_trail(stand_in: AwsStandIn, aws: Aws, name: str) -> TrailInS3:
    made = make_trail(stand_in, aws, name, IsOrganizationTrail=True)
    made.delivery = CloudTrailDelivery(stand_in, name, name, prefix=f"AWSLogs/{ORGANIZATION}/")
    made.deliver(1, each=1)
    return made
