"""How CloudTrail names the calls that the app makes: an undo finds its own in the event history."""

from __future__ import annotations

import pytest
from responder.aws.history import Event, is_call


@pytest.mark.parametrize(
    ("event", "operation"),
    [
        ("PutBucketPublicAccessBlock", "put_public_access_block"),
        ("PutAccountPublicAccessBlock", "put_public_access_block"),
        ("PutBucketLifecycle", "put_bucket_lifecycle_configuration"),
        ("PutBucketObjectLockConfiguration", "put_object_lock_configuration"),
        ("ModifyDBInstance", "modify_db_instance"),
    ],
)
def test_a_call_is_known_by_the_name_of_its_event(event: str, operation: str) -> None:
    assert is_call(Event(0.0, event, ""), operation)


@pytest.mark.parametrize(("event", "operation"), [("DeleteBucketPolicy", "put_bucket_policy"), ("", "put_bucket_acl")])
def test_another_call_is_not(event: str, operation: str) -> None:
    assert not is_call(Event(0.0, event, ""), operation)
