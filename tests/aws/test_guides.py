"""Guides: what a person has to do where no call of ours can help."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from responder.findings.finding import Finding
from responder.remediation import guide as guides
from responder.remediation import registry

every_guide = pytest.mark.parametrize("guide", guides.every().values(), ids=lambda guide: guide.id)
USER = "arn:aws:iam::111122223333:user/ana"
EVENT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def found(finding: Callable[..., Finding]) -> Callable[..., Finding]:
    def make(**fields: object) -> Finding:
        return finding(**{"user": "ana", "user_arn": USER, "event_ids": (EVENT,), "src_ip": "198.51.100.7", **fields})

    return make


@every_guide
def test_it_says_why_and_what_to_do_in_order(guide: guides.Guide, found: Callable[..., Finding]) -> None:
    plan = guide.plan(found())
    assert guide.title and guide.why.endswith(".") and len(plan) >= 3
    assert all(one["text"].endswith((".", "?")) for one in plan)
    assert any(one["link"] for one in plan)


@every_guide
def test_it_shares_no_id_with_a_playbook_and_names_only_playbooks_that_exist(
    guide: guides.Guide, found: Callable[..., Finding]
) -> None:
    known = {playbook.id for playbook in registry.every()}
    assert guide.id not in known and guides.find(guide.id) is not None
    named = {word for one in guide.plan(found()) for word in re.findall(r"[a-z]+(?:_[a-z0-9]+)+", one["text"])}
    assert named <= known, "it tells people to run what there is not"


@pytest.mark.parametrize(
    ("partition", "region", "console"),
    [
        ("aws", "eu-central-1", "https://console.aws.amazon.com/"),
        ("aws-cn", "cn-north-1", "https://console.amazonaws.cn/"),
        ("aws-us-gov", "us-gov-west-1", "https://console.amazonaws-us-gov.com/"),
    ],
)
def test_links_lead_to_the_console_of_the_partition(
    found: Callable[..., Finding], partition: str, region: str, console: str
) -> None:
    by_arn = found(user_arn=USER.replace("arn:aws:", f"arn:{partition}:"), vendor_region=region)
    by_region = found(user_arn="", vendor_region=region)
    for guide in guides.every().values():
        for one in (*guide.plan(by_arn), *guide.plan(by_region)):
            assert not one["link"] or one["link"].startswith(console)


def test_where_a_partition_has_no_console_there_are_no_links(found: Callable[..., Finding]) -> None:
    secret = found(user_arn="", vendor_region="us-iso-east-1")
    assert not any(one["link"] for guide in guides.every().values() for one in guide.plan(secret))


@every_guide
def test_names_in_a_finding_stay_names(guide: guides.Guide, found: Callable[..., Finding]) -> None:
    """They are an attacker's: in an address they are quoted, in a sentence they are one short line."""
    hostile = "x/../../@evil.example?a=b#c\nSecond line" + "y" * 500
    for one in guide.plan(found(user=hostile, user_arn=hostile, event_ids=(hostile,), src_ip=hostile)):
        assert "evil.example?" not in one["link"] and "\n" not in one["text"] + one["link"] and len(one["text"]) < 500


def test_a_region_that_is_none_makes_no_link(found: Callable[..., Finding]) -> None:
    strange = found(vendor_region="eu-central-1&x=.evil.example")
    assert not any("evil" in one["link"] for guide in guides.every().values() for one in guide.plan(strange))
