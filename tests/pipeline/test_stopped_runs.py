"""A run may be stopped between any two calls: the next one goes on, and in the end the estate is the same.

Stopped right after a call is stopped right before the next one, so every moment is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pipeline.site import Site, Stopped

READER = {"reader": "arn:aws:iam::222222222222:role/splunk", "external_id": "ext-1"}


def stopped_at_every_moment(site: Site, act: Callable[[], Any]) -> list[str]:
    """Each run gets one moment further than the one before; what the runs have passed in all, in order."""
    passed: list[str] = []
    for _ in range(200):
        site.moments.passed, site.moments.stop_after = [], 1
        try:
            act()
            return passed
        except Stopped:
            passed += site.moments.passed
        finally:
            site.moments.stop_after = None
    raise AssertionError(f"it gets no further than {passed[-1]}")


@pytest.mark.extended
def test_whatever_it_is_stopped_after_the_next_run_goes_on(site: Site) -> None:
    whole = site.another()
    whole.apply(**READER)
    passed = stopped_at_every_moment(site, lambda: site.apply(**READER))
    assert passed.count("kms:create_key") == 1, "one key, though its ID was lost"
    assert {"s3:create_bucket", "sqs:create_queue", "sns:subscribe", "cloudtrail:create_trail"} <= set(passed)
    assert len(passed) > 40
    assert site.problems() == []
    assert site.estate() == whole.estate()
    removed = stopped_at_every_moment(site, lambda: site.records.kept and site.teardown(delete_data=True))
    assert {"cloudtrail:delete_trail", "sqs:delete_queue", "kms:schedule_key_deletion"} <= set(removed)
    assert (site.estate(), site.records.kept) == ({}, {})
    whole.teardown(delete_data=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [READER, {"notifier": "eventbridge"}, {"notifier": "cloudtrail"}], ids=["sns", "eventbridge", "trail"]
)
def test_from_any_moment_one_more_run_ends_the_same(site: Site, options: dict[str, Any]) -> None:
    whole = site.another()
    whole.apply(**options)
    wanted = whole.estate()
    for moment in range(1, len(whole.moments.passed) + 1, 4):
        one = site.another(moment)
        one.moments.stop_after = moment
        with pytest.raises(Stopped):
            one.apply(**options)
        one.moments.stop_after = None
        one.apply(**options)
        assert one.estate() == wanted, f"stopped after {one.moments.passed[moment - 1]}, number {moment}"
        one.teardown(delete_data=True)


def test_a_bucket_that_an_interrupted_run_has_not_tagged_is_ours_only_while_it_is_empty(site: Site) -> None:
    def stopped_after_the_bucket() -> None:
        site.moments.passed, site.moments.stop_after = [], 3
        with pytest.raises(Stopped):
            site.apply(encryption="s3")
        assert site.moments.passed[-1] == "s3:create_bucket"
        site.moments.stop_after = None

    stopped_after_the_bucket()
    site.client("s3").put_object(Bucket=site.bucket, Key="x", Body=b"somebody's")
    assert site.actions()["bucket"] == "leave"
    site.client("s3").delete_object(Bucket=site.bucket, Key="x")
    assert site.actions()["bucket"] == "change"
    site.apply()
    assert site.problems() == []
