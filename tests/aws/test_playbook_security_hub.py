"""Standards of Security Hub: which come back, and by whose records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws import earlier
from tests.aws.scenarios import enable_hub_standards
from tests.aws.scenarios.reenable_security_hub import STANDARD, disabled
from tests.aws.support import Connected, Tasks

HUB, STANDARDS = registry.get("reenable_security_hub"), registry.get("enable_hub_standards")
SUBSCRIPTION = "arn:aws:securityhub:us-east-1:123456789012:subscription/pci-dss/v/3.2.1"
Admin = Callable[..., Any]
Find = Callable[..., Finding]


def enabled_before(**more: Any) -> Mapping[str, Any]:
    request = {"StandardsSubscriptionRequests": [{"StandardsArn": STANDARD}]}
    return earlier.call("securityhub", "BatchEnableStandards", request, **more)


def test_a_hub_comes_back_with_the_standards_of_its_region_that_others_had_enabled(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    about = finding(**disabled(admin, name))
    tasks.past = [enabled_before(awsRegion="eu-west-1")]
    assert "without standards" in tasks.run(about, HUB.id, "simulate").message
    tasks.past = [enabled_before()]
    done = tasks.run(about, HUB.id)
    assert "again, with aws-foundational-security-best-practices/v/1.0.0." in done.message
    (now,) = admin("securityhub").get_enabled_standards()["StandardsSubscriptions"]
    assert now["StandardsArn"] == STANDARD and now["StandardsStatus"] == "READY"
    assert tasks.undo().status == "undone"


def test_a_disabled_standard_is_claimed_by_the_call_that_disabled_it(finding: Find) -> None:
    about = finding(object_id=SUBSCRIPTION, detail={"standards": SUBSCRIPTION})
    request = {"StandardsSubscriptionArns": [SUBSCRIPTION]}
    proves = CloudTrailRecord(earlier.call("securityhub", "BatchDisableStandards", request))
    not_it = CloudTrailRecord(earlier.call("securityhub", "TagResource", {"ResourceArn": SUBSCRIPTION}))
    for claim in STANDARDS.claims(about):
        assert claim.value in claim.values_in(proves) and claim.value not in claim.values_in(not_it)


def test_a_standard_that_is_no_longer_offered_is_said(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    fields = enable_hub_standards.disabled(admin, name)
    gone = fields["detail"]["standards"][0].replace("/v/1.0.0", "/v/0.0.9")
    fields["detail"]["standards"].append(gone)
    with pytest.raises(InvalidFinding, match=r"no longer offers aws-foundational\S+/v/0\.0\.9, which the event"):
        tasks.run(finding(**fields), STANDARDS.id)
    assert admin("securityhub", enable_hub_standards.REGION).get_enabled_standards()["StandardsSubscriptions"] == []


def test_what_is_no_standard_of_a_hub_is_said(connected: Connected, finding: Find) -> None:
    for standards in ("", "arn:aws:securityhub:us-east-1:123456789012:hub/default", None):
        with pytest.raises(InvalidFinding, match="which standards were disabled"):
            STANDARDS.plan(finding(object_id="x", detail={"standards": standards}), connected.aws, Safety())
