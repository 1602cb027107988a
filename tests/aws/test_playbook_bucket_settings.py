"""Playbooks about single settings of buckets, and of the account: what they leave alone, and where they stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Tasks

OUTSIDE = "444455556666"
OUTSIDE_KEY = f"arn:aws:kms:us-east-1:{OUTSIDE}:key/1234abcd"
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
Admin = Callable[..., Any]
Find = Callable[..., Finding]


@pytest.fixture
def bucket(admin: Admin, name: str) -> str:
    admin("s3").create_bucket(Bucket=name)
    return name


def about(finding: Find, bucket: str, **detail: Any) -> Finding:
    return finding(object_category="AWS::S3::Bucket", object_id=bucket, detail=detail)


def past(name: str, bucket: str, **request: Any) -> dict[str, Any]:
    return {
        "eventID": "e",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"bucketName": bucket, **request},
    }


# ACL


def grants(admin: Admin, bucket: str) -> set[tuple[str, str]]:
    found = admin("s3").get_bucket_acl(Bucket=bucket)["Grants"]
    return {(one["Permission"], one["Grantee"].get("URI", "owner")) for one in found}


def test_of_an_acl_only_the_public_grants_go(tasks: Tasks, admin: Admin, bucket: str, finding: Find) -> None:
    acl = admin("s3").get_bucket_acl(Bucket=bucket)
    groups = [(LOGS, "WRITE"), (LOGS, "READ_ACP"), (EVERYONE, "READ"), (EVERYONE, "WRITE")]
    more = [{"Grantee": {"Type": "Group", "URI": uri}, "Permission": right} for uri, right in groups]
    admin("s3").put_bucket_acl(
        Bucket=bucket, AccessControlPolicy={"Owner": acl["Owner"], "Grants": [*acl["Grants"], *more]}
    )
    before = grants(admin, bucket)
    done = tasks.run(about(finding, bucket), "make_bucket_acl_private")
    assert done.status == "done" and "READ to everyone, WRITE to everyone" in done.message
    assert grants(admin, bucket) == {("FULL_CONTROL", "owner"), ("WRITE", LOGS), ("READ_ACP", LOGS)}
    assert tasks.undo().status == "undone" and grants(admin, bucket) == before


def test_the_acl_of_an_object_is_another_matter(tasks: Tasks, admin: Admin, bucket: str, finding: Find) -> None:
    admin("s3").put_bucket_acl(Bucket=bucket, ACL="public-read")
    with pytest.raises(InvalidFinding, match="of an object"):
        tasks.run(about(finding, bucket, key="report.csv"), "make_bucket_acl_private")


# Versioning


def test_a_bucket_that_never_had_versions_is_not_given_them(tasks: Tasks, bucket: str, finding: Find) -> None:
    """It could never be without them again."""
    with pytest.raises(InvalidFinding, match="never had versioning"):
        tasks.run(about(finding, bucket), "reenable_bucket_versioning")


# Object Lock


def lock(admin: Admin, name: str, retention: Any = None) -> None:
    rule = {"Rule": {"DefaultRetention": retention}} if retention else {}
    admin("s3").put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule}
    )


@pytest.fixture
def locked(admin: Admin, name: str) -> str:
    admin("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    lock(admin, name)
    return name


def was(bucket: str, retention: Any) -> dict[str, Any]:
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    return past("PutBucketObjectLockConfiguration", bucket, ObjectLockConfiguration=configuration)


def test_the_newest_known_retention_is_restored(tasks: Tasks, locked: str, finding: Find) -> None:
    tasks.past = [
        past("PutBucketObjectLockConfiguration", locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}),
        was("another-bucket", {"Mode": "COMPLIANCE", "Days": 9}),
        was(locked, {"Mode": "COMPLIANCE", "Years": "2"}),
        was(locked, {"Mode": "GOVERNANCE", "Days": 30}),
    ]
    assert "2 years of compliance" in tasks.run(about(finding, locked), "restore_object_lock").message


@pytest.mark.parametrize(
    "retention",
    [
        {"Mode": "FOREVER", "Days": 1},
        {"Mode": "GOVERNANCE"},
        {"Mode": "GOVERNANCE", "Days": 1, "Years": 1},
        {"Mode": "GOVERNANCE", "Days": 0},
        {"Mode": "GOVERNANCE", "Days": "-1"},
        {"Mode": "GOVERNANCE", "Days": 100_000},
        {"Mode": "GOVERNANCE", "Days": {"x": 1}},
        {"Mode": ["GOVERNANCE"], "Days": 1},
        "GOVERNANCE",
        None,
    ],
)
def test_a_retention_that_s3_does_not_know_is_none(tasks: Tasks, locked: str, finding: Find, retention: Any) -> None:
    tasks.past = [was(locked, retention)]
    with pytest.raises(InvalidFinding, match="no CloudTrail record.*by hand"):
        tasks.run(about(finding, locked), "restore_object_lock")


def test_without_object_lock_there_is_nothing_to_restore(tasks: Tasks, bucket: str, finding: Find) -> None:
    tasks.past = [was(bucket, {"Mode": "GOVERNANCE", "Days": 30})]
    with pytest.raises(InvalidFinding, match="has no Object Lock"):
        tasks.run(about(finding, bucket), "restore_object_lock")


# Encryption


def encrypt(admin: Admin, bucket: str, key: str, **more: Any) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, **more}
    admin("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def encryption(admin: Admin, bucket: str) -> dict[str, Any]:
    (rule,) = admin("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    found: dict[str, Any] = rule
    return found


def had(bucket: str, **encryption: str) -> dict[str, Any]:
    configuration = {"Rule": {"ApplyServerSideEncryptionByDefault": encryption}}
    return past("PutBucketEncryption", bucket, encryption="", ServerSideEncryptionConfiguration=configuration)


def test_the_former_key_comes_back_and_the_rest_of_the_rule_stays(
    tasks: Tasks, admin: Admin, bucket: str, finding: Find
) -> None:
    encrypt(admin, bucket, OUTSIDE_KEY, BucketKeyEnabled=True)
    own = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    tasks.past = [
        had(bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=f"arn:aws:kms:us-east-1:{OUTSIDE}:key/older"),
        had(bucket, SSEAlgorithm="rot13"),
        had(bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=own),
    ]
    assert tasks.run(about(finding, bucket, key=OUTSIDE_KEY), "restore_bucket_encryption").status == "done"
    now = encryption(admin, bucket)
    assert now["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == own and now["BucketKeyEnabled"]


def test_where_nothing_is_known_s3s_own_keys_take_over(tasks: Tasks, admin: Admin, bucket: str, finding: Find) -> None:
    encrypt(admin, bucket, OUTSIDE_KEY)
    assert tasks.run(about(finding, bucket, key=OUTSIDE_KEY), "restore_bucket_encryption").status == "done"
    assert encryption(admin, bucket)["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


@pytest.mark.parametrize("known", [(), (OUTSIDE,)], ids=["another key", "a known account"])
def test_a_key_that_is_not_the_events_or_not_outside_stays(
    tasks: Tasks, admin: Admin, bucket: str, finding: Find, known: tuple[str, ...]
) -> None:
    encrypt(admin, bucket, OUTSIDE_KEY)
    tasks.known = known
    meant = OUTSIDE_KEY if known else f"{OUTSIDE_KEY}-other"
    assert tasks.run(about(finding, bucket, key=meant), "restore_bucket_encryption").status == "already"


@pytest.mark.parametrize("key", ["", "alias/x", "arn:aws:s3:::b"])
def test_a_finding_without_a_key_is_refused(tasks: Tasks, bucket: str, finding: Find, key: str) -> None:
    with pytest.raises(InvalidFinding, match="which key"):
        tasks.run(about(finding, bucket, key=key, more=1), "restore_bucket_encryption")


# Lifecycle


def rule(name: str, days: int, prefix: str = "", **more: Any) -> dict[str, Any]:
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}, **more}


def set_rules(admin: Admin, bucket: str, *rules: dict[str, Any]) -> None:
    admin("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def rules(admin: Admin, bucket: str) -> list[str]:
    return [one["ID"] for one in admin("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]


@pytest.mark.parametrize(
    "meant",
    [
        {"ID": "b", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": "1"}},
        # The event has no id where S3 chose it, and spells a rule for the whole bucket in several ways.
        {"Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}},
        {"Status": "Enabled", "Filter": "", "Expiration": {"Days": 1}},
    ],
)
def test_only_the_rule_of_the_event_goes(
    tasks: Tasks, admin: Admin, bucket: str, finding: Find, meant: dict[str, Any]
) -> None:
    set_rules(admin, bucket, rule("a", 1, "tmp/"), rule("b", 1), rule("c", 2))
    done = tasks.run(about(finding, bucket, rules=[meant]), "remove_deleting_lifecycle_rule")
    assert done.status == "done" and "2 others stay" in done.message
    assert rules(admin, bucket) == ["a", "c"]


@pytest.mark.parametrize("detail", [{"x": 1}, {"rules": []}, {"rules": [{"Truncated": "x"}]}, {"rules": ["all"]}])
def test_a_finding_without_whole_rules_is_refused(
    tasks: Tasks, admin: Admin, bucket: str, finding: Find, detail: dict[str, Any]
) -> None:
    set_rules(admin, bucket, rule("b", 1))
    with pytest.raises(InvalidFinding, match="as a whole"):
        tasks.run(about(finding, bucket, **detail), "remove_deleting_lifecycle_rule")


def test_a_rule_is_proved_by_the_event_that_set_it(finding: Find) -> None:
    meant = {"ID": "b", "Status": "Enabled", "Expiration": {"Days": 1}, "Filter": {"Prefix": ""}}
    claims = registry.get("remove_deleting_lifecycle_rule").claims(about(finding, "b", rules=[meant]))

    def proved(**request: Any) -> bool:
        record = CloudTrailRecord(past("PutBucketLifecycle", "b", **request))
        return all(claim.value in list(claim.values_in(record)) for claim in claims)

    assert proved(LifecycleConfiguration={"Rule": [{"ID": "a", "Status": "Enabled"}, meant]})
    assert not proved(LifecycleConfiguration={"Rule": {**meant, "Expiration": {"Days": 2}}}) and not proved()


# Replication


def test_a_rule_that_encrypts_with_a_key_of_the_outside_account_copies_to_it(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    s3 = admin("s3")
    for one in (name, f"{name}-to"):
        s3.create_bucket(Bucket=one)
        s3.put_bucket_versioning(Bucket=one, VersioningConfiguration={"Status": "Enabled"})
    to = {"Bucket": f"arn:aws:s3:::{name}-to", "EncryptionConfiguration": {"ReplicaKmsKeyID": OUTSIDE_KEY}}
    copy = {"ID": "x", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "Destination": to}
    copy["DeleteMarkerReplication"] = {"Status": "Disabled"}
    copy["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    s3.put_bucket_replication(
        Bucket=name,
        ReplicationConfiguration={"Role": f"arn:aws:iam::{ACCOUNT}:role/r", "Rules": [copy]},
    )
    found = about(finding, name, outside_account=OUTSIDE)
    tasks.known = (OUTSIDE,)
    assert tasks.run(found, "remove_replication_rule").status == "already"
    tasks.known = ()
    assert tasks.run(found, "remove_replication_rule", task=tasks.task(2)).status == "done"


# The account


def test_a_finding_about_a_bucket_does_not_block_the_account(tasks: Tasks, bucket: str, finding: Find) -> None:
    found = finding(object_id=bucket)
    with pytest.raises(InvalidFinding, match="choose block_public_bucket"):
        registry.get("block_public_account").plan(found, tasks.aws, Safety())


def test_what_turned_the_accounts_block_off_is_proved(finding: Find) -> None:
    (claim,) = registry.get("block_public_account").claims(finding(object_id=ACCOUNT))

    def proved(name: str, **more: Any) -> bool:
        fields = {"eventSource": "s3.amazonaws.com", "eventName": name, "recipientAccountId": ACCOUNT, **more}
        return claim.value in list(claim.values_in(CloudTrailRecord(fields)))

    assert proved("DeleteAccountPublicAccessBlock") and proved("PutAccountPublicAccessBlock")
    assert not proved("DeleteAccountPublicAccessBlock", errorCode="AccessDenied")
    assert not proved("DeleteBucketPublicAccessBlock")
    assert not proved("DeleteAccountPublicAccessBlock", recipientAccountId=OUTSIDE)
