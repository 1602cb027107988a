"""CloudTrail log file validation names what was changed, deleted or added, and the time that nothing vouches for."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.pipeline.validation_report import Verdict

from sandbox.aws.digests import HOUR, CloudTrailDelivery, SigningKey, string_to_sign
from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn
from tests.pipeline.under_the_hood.conftest import END, NOW, START, TrailInS3, make_trail, record

MEMBER, ORGANIZATION = "111122223333", "o-exampleorgid"


def test_untouched_files_are_valid(trail: TrailInS3) -> None:
    report = trail.validate()
    (chain,) = report.chains
    assert [problem.detail for problem in chain.problems] == [] and report.verdict is Verdict.VALID
    assert (chain.account, chain.region, chain.digests, chain.logs) == (ACCOUNT, REGION, 6, 12)
    assert report.unknown == ()


def test_a_flipped_byte_of_a_log_file_is_found(trail: TrailInS3) -> None:
    log = trail.logs[5]
    content = gzip.decompress(trail.read(log)[0])
    trail.put(log, gzip.compress(content.replace(b"203.0.113.66", b"203.0.113.67")))
    assert trail.problems() == [("log_changed", log)]


def test_records_behind_the_end_of_a_log_file_are_found(trail: TrailInS3) -> None:
    """Who reads several gzip members would read them."""
    log = trail.logs[5]
    trail.put(log, trail.read(log)[0] + gzip.compress(b'{"Records":[{"eventName":"Forged"}]}'))
    trail.put(trail.logs[6], trail.read(trail.logs[6])[0] + b"more")
    trail.put(trail.logs[7], trail.read(trail.logs[7])[0][:-12])
    assert trail.problems() == [("log_changed", key) for key in trail.logs[5:8]]


def test_a_deleted_log_file_is_named(trail: TrailInS3) -> None:
    trail.delete(trail.logs[4])
    assert trail.problems() == [("log_missing", trail.logs[4])]


def test_swapped_log_files_are_named_with_what_they_hold(trail: TrailInS3) -> None:
    one, other = trail.logs[4], trail.logs[7]
    bodies = trail.read(one)[0], trail.read(other)[0]
    trail.put(one, bodies[1])
    trail.put(other, bodies[0])
    found = [problem for _, problem in trail.validate().problems()]
    assert [(problem.kind, problem.file) for problem in found] == [
        ("log_changed", f"{trail.bucket}/{one}"),
        ("log_changed", f"{trail.bucket}/{other}"),
    ]
    assert f"the content of {other}" in found[0].detail and f"the content of {one}" in found[1].detail


def test_a_log_file_that_somebody_has_added_is_named(trail: TrailInS3) -> None:
    at = START + timedelta(minutes=90)
    planted = trail.delivery.log(at, [record(9, at)])
    assert trail.problems() == [("log_unsigned", planted)]


def test_a_log_file_that_is_planted_late_is_not_taken_for_a_late_delivery(trail: TrailInS3) -> None:
    planted = trail.logs[6].replace(".json.gz", "X.json.gz")
    trail.put(planted, gzip.compress(b'{"Records":[]}'), at=NOW - 4 * HOUR)
    assert trail.problems() == [("log_unsigned", planted)]


def test_a_log_file_that_a_later_digest_lists_is_valid(trail: TrailInS3) -> None:
    """Where the bucket could not be written, CloudTrail delivers later, under the name of the time that it is about."""
    late = trail.delivery.log(START + timedelta(minutes=90), [record(8, START)])
    trail.put(late, trail.read(late)[0], at=END + 4 * HOUR + timedelta(minutes=10))
    trail.delivery.digest(END + 5 * HOUR)
    report = trail.validate()
    assert (report.verdict, report.chains[0].logs) == (Verdict.VALID, 13)
    trail.put(late, gzip.compress(b"{}"), at=END + 4 * HOUR + timedelta(minutes=10))
    assert trail.problems() == [("log_changed", late)]


def test_log_files_of_another_trail_in_the_same_folder_are_its_own(stand_in: AwsStandIn, trail: TrailInS3) -> None:
    other = CloudTrailDelivery(stand_in, trail.bucket, f"{trail.bucket}-2")
    other.log(START + timedelta(minutes=70), [record(7, START)])
    other.digest(START + 2 * HOUR)
    assert trail.problems() == []


# Digests


def test_a_changed_digest_and_the_files_that_only_it_listed_are_named(trail: TrailInS3) -> None:
    """Somebody who deletes a log file must also take it from its digest."""
    digest, log = trail.digests[3], trail.logs[6]
    body, metadata = trail.read(digest)
    content = json.loads(gzip.decompress(body))
    content["logFiles"] = [one for one in content["logFiles"] if one["s3Object"] != log]
    trail.put(digest, gzip.compress(json.dumps(content).encode()), metadata)
    trail.delete(log)
    assert trail.problems() == [
        ("digest_invalid", digest),
        ("gap", "00:00-01:00"),
        ("log_unsigned", trail.logs[7]),
    ]


def test_a_digest_that_is_signed_by_another_key_is_not_valid(trail: TrailInS3) -> None:
    digest = trail.digests[3]
    body, metadata = trail.read(digest)
    content = gzip.decompress(body)
    forged = SigningKey().sign(string_to_sign(json.loads(content), content)).hex()
    trail.put(digest, body, {**metadata, "signature": forged})
    assert ("digest_invalid", digest) in trail.problems()


def test_a_digest_that_names_a_key_that_is_not_cloudtrails_is_not_valid(trail: TrailInS3) -> None:
    digest = trail.digests[3]
    body, metadata = trail.read(digest)
    mine = SigningKey()
    content = json.dumps({**json.loads(gzip.decompress(body)), "digestPublicKeyFingerprint": mine.fingerprint}).encode()
    signature = mine.sign(string_to_sign(json.loads(content), content)).hex()
    trail.put(digest, gzip.compress(content), {**metadata, "signature": signature})
    found = {problem.file: problem.detail for _, problem in trail.validate().problems()}
    assert f"no public key {mine.fingerprint}" in found[f"{trail.bucket}/{digest}"]


@pytest.mark.parametrize(
    ("metadata", "detail"),
    [
        ({}, "no signature"),
        ({"signature": "zz", "signature-algorithm": "SHA256withRSA"}, "signature is not CloudTrail's"),
        ({"signature": "ab" * 256, "signature-algorithm": "SHA256withRSA"}, "signature is not CloudTrail's"),
        ({"signature": "00", "signature-algorithm": "SHA1withRSA"}, "another algorithm"),
    ],
)
def test_a_digest_without_a_signature_is_not_valid(trail: TrailInS3, metadata: dict[str, str], detail: str) -> None:
    trail.put(trail.digests[3], trail.read(trail.digests[3])[0], metadata)
    found = {problem.file: problem for _, problem in trail.validate().problems()}
    problem = found[f"{trail.bucket}/{trail.digests[3]}"]
    assert problem.kind == "digest_invalid" and detail in problem.detail


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"{", "is no JSON"),
        (b"[]", "is no JSON object"),
        (b'{"digestSignatureAlgorithm":"SHA256withRSA"}', "has no logFiles"),
        (b'{"digestSignatureAlgorithm":"MD5withRSA","logFiles":[]}', "another algorithm"),
        (b"[" * 100_000, "is no JSON"),
    ],
)
def test_a_digest_that_cannot_be_read_is_not_valid(trail: TrailInS3, content: bytes, detail: str) -> None:
    trail.put(trail.digests[3], gzip.compress(content), trail.read(trail.digests[3])[1])
    found = {problem.file: problem for _, problem in trail.validate().problems()}
    problem = found[f"{trail.bucket}/{trail.digests[3]}"]
    assert problem.kind == "digest_invalid" and detail in problem.detail


def test_a_deleted_digest_is_named_by_the_one_that_follows_it(trail: TrailInS3) -> None:
    """And the log files that it listed: nothing vouches for them."""
    trail.delete(trail.digests[3])
    assert trail.problems() == [
        ("digest_missing", trail.digests[3]),
        ("gap", "00:00-01:00"),
        ("log_unsigned", trail.logs[6]),
        ("log_unsigned", trail.logs[7]),
    ]


def test_an_hour_of_which_everything_is_deleted_is_still_named(trail: TrailInS3) -> None:
    for key in (trail.digests[3], *trail.logs[6:8]):
        trail.delete(key)
    assert trail.problems() == [("digest_missing", trail.digests[3]), ("gap", "00:00-01:00")]


def test_the_end_of_the_chain_cannot_be_cut_off_unnoticed(trail: TrailInS3) -> None:
    for key in (*trail.digests[5:], *trail.logs[10:]):
        trail.delete(key)
    found = [problem for _, problem in trail.validate().problems()]
    assert [(one.kind, one.start, one.end) for one in found] == [("gap", START + 4 * HOUR, END)]
    assert "turned off, or the digests were deleted" in found[0].detail


def test_nor_its_beginning(trail: TrailInS3) -> None:
    for key in (*trail.digests[:3], *trail.logs[:6]):
        trail.delete(key)
    assert trail.problems() == [("digest_missing", trail.digests[2]), ("gap", "22:00-00:00")]


def test_a_digest_in_the_place_of_another_is_moved(trail: TrailInS3) -> None:
    body, metadata = trail.read(trail.digests[2])
    trail.put(trail.digests[3], body, metadata)
    found = {problem.file: problem.detail for _, problem in trail.validate().problems()}
    assert (
        f"moved here. It is the one of account {ACCOUNT} in {REGION} at" in found[f"{trail.bucket}/{trail.digests[3]}"]
    )


def test_a_digest_of_another_account_or_region_is_not_taken(stand_in: AwsStandIn, trail: TrailInS3) -> None:
    other = CloudTrailDelivery(stand_in, trail.bucket, trail.bucket, account=MEMBER, region="eu-west-1")
    body, metadata = trail.read(other.digest(START + 3 * HOUR))
    trail.put(trail.digests[3], body, metadata)
    found = {problem.file: problem.detail for _, problem in trail.validate().problems()}
    assert f"the one of account {MEMBER} in eu-west-1" in found[f"{trail.bucket}/{trail.digests[3]}"]


def test_a_digest_that_says_it_is_of_another_account_is_not_taken(trail: TrailInS3) -> None:
    forged = trail.delivery.digest(END + 2 * HOUR, awsAccountId=MEMBER)
    assert ("digest_invalid", forged) in trail.problems(end=END + 2 * HOUR)


def test_logging_that_was_off_is_a_gap_and_says_so(trail: TrailInS3) -> None:
    trail.delivery.restart()
    trail.deliver(2, END + 3 * HOUR)
    found = [problem for _, problem in trail.validate(end=END + 5 * HOUR).problems()]
    assert [(one.kind, one.start, one.end) for one in found] == [("gap", END + HOUR, END + 3 * HOUR)]
    assert "A new chain begins after it: logging or log file validation was off" in found[0].detail


def test_a_backfill_digest_vouches_for_what_the_hours_left_out_and_for_no_missing_digest(trail: TrailInS3) -> None:
    forgotten = trail.delivery.log(START + timedelta(minutes=95), [record(6, START)])
    backfill = trail.delivery.digest(START + 2 * HOUR, backfilled_at=END + 3 * HOUR)
    report = trail.validate()
    (chain,) = report.chains
    assert (report.verdict, chain.digests, chain.backfill_digests, chain.logs) == (Verdict.VALID, 6, 1, 13)
    trail.delete(trail.digests[2])
    assert trail.problems()[:2] == [("digest_missing", trail.digests[2]), ("gap", "23:00-00:00")]
    trail.delete(backfill)
    assert ("log_unsigned", forgotten) in trail.problems()


def test_what_is_not_delivered_yet_is_not_missing(trail: TrailInS3) -> None:
    now = END + HOUR + timedelta(minutes=40)
    late = trail.delivery.log(END + HOUR + timedelta(minutes=20), [record(5, END)])
    assert trail.problems(end=now, now=now) == [("not_yet", "05:00-05:40"), ("not_yet", late)]
    assert trail.validate(end=now, now=now).verdict is Verdict.VALID


# Where files lie


def test_an_organizations_accounts_are_validated_each_with_its_chain(stand_in: AwsStandIn, aws: Aws, name: str) -> None:
    made = make_trail(stand_in, aws, name, IsOrganizationTrail=True)
    prefix = f"AWSLogs/{ORGANIZATION}/"
    made.delivery = CloudTrailDelivery(stand_in, name, name, prefix=prefix)
    made.deliver(6)
    member = TrailInS3(made.s3, aws, made.arn, name, made.delivery, [], [])
    member.delivery = CloudTrailDelivery(stand_in, name, name, account=MEMBER, prefix=prefix)
    member.deliver(6)
    member.delete(member.logs[3])
    assert {chain.account: chain.verdict for chain in made.validate().chains} == {
        ACCOUNT: Verdict.VALID,
        MEMBER: Verdict.INVALID,
    }
    assert made.problems() == [("log_missing", member.logs[3])]
    assert made.validate(accounts=[ACCOUNT]).verdict is Verdict.VALID


def test_the_chain_goes_on_in_another_bucket(trail: TrailInS3) -> None:
    """The trail writes to another bucket since: what came before is there, and not said to be deleted."""
    for key in (*trail.digests[:3], *trail.logs[:6]):
        trail.delete(key)
    elsewhere = {"previousDigestS3Bucket": "the-bucket-before"}
    trail.delivery._previous = dict.fromkeys(("Bucket", "Object", "HashValue", "HashAlgorithm", "Signature"))
    changed = {
        **elsewhere,
        "previousDigestS3Object": trail.digests[2],
        "previousDigestHashValue": "ab" * 32,
        "previousDigestHashAlgorithm": "SHA-256",
        "previousDigestSignature": "cd" * 256,
        "logFiles": json.loads(gzip.decompress(trail.read(trail.digests[3])[0]))["logFiles"],
    }
    trail.delivery.digest(START + 3 * HOUR, **changed)
    found = [problem for _, problem in trail.validate().problems()]
    gaps = [(one.start, one.detail) for one in found if one.kind == "gap"]
    assert gaps[0][0] == START and "in bucket the-bucket-before" in gaps[0][1]
    assert not [one for one in found if one.kind == "digest_missing"]


# What cannot be checked


def test_what_may_not_be_read_is_neither_valid_nor_invalid(trail: TrailInS3, denied: Any) -> None:
    denied("get_object", trail.logs[4])
    report = trail.validate()
    assert report.verdict is Verdict.UNCHECKED
    assert trail.problems() == [("unchecked", trail.logs[4])]


def test_a_digest_that_may_not_be_read_accuses_nobody(trail: TrailInS3, denied: Any) -> None:
    denied("get_object", trail.digests[3])
    assert {kind for kind, _ in trail.problems()} == {"unchecked"}


def test_keys_that_aws_does_not_give_leave_everything_unchecked(trail: TrailInS3, denied: Any) -> None:
    denied("list_public_keys")
    assert trail.validate().verdict is Verdict.UNCHECKED


def test_what_is_wrong_counts_even_where_something_else_cannot_be_checked(trail: TrailInS3, denied: Any) -> None:
    trail.delete(trail.logs[3])
    denied("get_object", trail.logs[4])
    assert trail.validate().verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [(0.5, 1.5, 2), (1.0, 2.0, 1), (0.9, 2.1, 3), (2.25, 2.5, 1)],
    ids=["over a border", "an hour", "a little more", "within an hour"],
)
def test_a_time_that_begins_and_ends_within_hours_is_vouched_for_as_a_whole(
    trail: TrailInS3, begin: float, end: float, hours: int
) -> None:
    times = {"start": START + timedelta(hours=begin), "end": START + timedelta(hours=end)}
    report = trail.validate(**times)
    assert [problem.detail for _, problem in report.problems()] == [] and report.chains[0].digests == hours
    # The first is of the hour before START.
    trail.delete(trail.digests[int(begin) + 1])
    gaps = [problem for _, problem in trail.validate(**times).problems() if problem.kind == "gap"]
    until = min(START + timedelta(hours=int(begin) + 1), times["end"])
    assert [(gap.start, gap.end) for gap in gaps] == [(times["start"], until)]
