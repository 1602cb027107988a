"""Whoever keeps the lookup of protected things is warned before an entry ends, once, and of what cannot be read."""

from __future__ import annotations

import pytest
from health_place import Place, levels, text
from responder.inputs import protection_notices
from responder.settings.protections import LOOKUP
from responder.splunk import bulletin
from responder.splunk.client import Splunkd

DAY = 86_400.0
AUDIT = 'search index=main sourcetype="cloudtrail_responder:audit" step=protection_* | table step protected message'


def protect(place: Place, pattern: str, days: float = 0.0, **more: str) -> None:
    expires = {"expires": place.client().now() + days * DAY} if days else {}
    place.write(LOOKUP, kind="principal", pattern=pattern, reason="pager", owner="ana", **expires, **more)


def announce(place: Place) -> None:
    """As in the next hour."""
    hours = protection_notices.CLAIM
    place.client().delete_where("responder_marks", {"_key": {"$gte": f"{hours}:", "$lt": f"{hours};"}})
    protection_notices.announce_when_due(place.client())


def messages(place: Place) -> list[str]:
    return [one.text for one in place.splunkd.bulletin.all() if one.name == protection_notices.NAME]


def audited(place: Place) -> list[tuple[str, str]]:
    return sorted((str(row["step"]), str(row.get("protected"))) for row in place.splunkd.search(AUDIT).rows)


def test_an_entry_is_announced_before_it_ends_and_when_it_has_ended_and_each_only_once(place: Place) -> None:
    protect(place, "forever")
    protect(place, "next-year", 300)
    protect(place, "soon", 13)
    protect(place, "yesterday", -1)
    protect(place, "long-ago", -100)
    for _ in range(3):
        announce(place)
    assert audited(place) == [("protection_ended", "yesterday"), ("protection_ends", "soon")]
    (message,) = messages(place)
    assert "The protection of principal soon (owner: ana) ends on" in message and "yesterday" in message
    assert "forever" not in message and "long-ago" not in message


def test_a_message_that_was_read_and_removed_comes_again_only_with_something_new(place: Place) -> None:
    protect(place, "soon", 13)
    announce(place)
    place.splunkd.bulletin.remove(protection_notices.NAME)
    announce(place)
    assert messages(place) == []
    protect(place, "sooner", 12)
    announce(place)
    (message,) = messages(place)
    assert "sooner" in message


def test_the_message_goes_when_there_is_nothing_to_see_to(place: Place) -> None:
    protect(place, "soon", 13)
    announce(place)
    place.client().delete_where(LOOKUP, {"_key": {"$gt": ""}})
    announce(place)
    assert messages(place) == []


def test_a_message_that_is_no_longer_true_goes_whenever_the_worker_that_posted_it_died(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the message was posted, before anything else."""

    def post_and_die(splunkd: Splunkd, name: str, text: str) -> None:
        post(splunkd, name, text)
        raise KeyboardInterrupt

    post = bulletin.post
    protect(place, "soon", 13)
    with monkeypatch.context() as dying:
        dying.setattr(bulletin, "post", post_and_die)
        with pytest.raises(KeyboardInterrupt):
            announce(place)
    assert len(messages(place)) == 1
    place.client().delete_where(LOOKUP, {"_key": {"$gt": ""}})
    announce(place)
    assert messages(place) == []


def test_how_long_before_is_a_setting(place: Place) -> None:
    protect(place, "soon", 20)
    assert levels(place.ask("Protections")) == ["green"]
    place.save("settings", "safety", protection_warning_days="30")
    assert levels(place.ask("Protections")) == ["amber", "green"]


def test_only_one_search_head_announces_within_an_hour(place: Place) -> None:
    protect(place, "soon", 13)
    announce(place)
    protect(place, "sooner", 12)
    protection_notices.announce_when_due(place.client())
    assert len(audited(place)) == 1


def test_what_cannot_be_read_is_named_in_one_line_and_stops_everything(place: Place) -> None:
    place.write(LOOKUP, kind="princpal", pattern="break-glass")
    place.write(LOOKUP, kind="tag", pattern="env=prod", expires="31.12.2026", reason="r", owner="o")
    said = place.ask("Protections")
    assert levels(said) == ["red", "amber"], text(said)
    assert "Entry 'break-glass' of the lookup" in said[0].what and "nothing is changed in AWS" in said[0].what
    assert "its expiry '31.12.2026' is not a time in epoch seconds" in text(said)
    announce(place)
    assert [step for step, _ in audited(place)] == ["protection_unreadable"] * 2


def test_an_entry_without_owner_or_reason_protects_and_is_named(place: Place) -> None:
    place.write(LOOKUP, kind="account", pattern="111122223333", reason="payroll")
    said = place.ask("Protections")
    assert levels(said) == ["amber", "green"] and "has no owner" in said[0].what


def test_a_limit_that_was_reached_is_amber(place: Place) -> None:
    assert levels(place.ask("Change limits")) == ["green"]
    since = place.client().now() - 7200
    place.write("responder_change_stops", scope="all", message="m", since=since, task="t", run="r")
    (line,) = place.ask("Change limits")
    assert line.level == "amber" and "for 2 hours" in line.what and "all changes" in line.what
