"""A ticket that was deleted is noticed without anything to say in it, at the cost of a request in ten minutes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from core_findings import finding
from jira_place import Place
from responder.cases.store import CASES
from responder.engine import jira_deleted, jira_polling
from responder.engine.breaker import MARKS
from responder.handlers.ticket_gone import DELETED
from responder.splunk.client import Splunkd

from sandbox.jira import JiraStandIn


@pytest.fixture(params=["cloud", "datacenter"])
def place(core: Any, request: pytest.FixtureRequest) -> Iterator[Place]:
    with JiraStandIn(request.param) as jira:
        yield Place(core, jira)
        assert jira.unknown_requests == []


def look(place: Place) -> None:
    jira_deleted.look(place.splunkd, place.site, place.tickets.changes, (), pause=0.0)


def statuses(place: Place) -> dict[str, str]:
    return {one["ticket"]: one["ticket_status"] for one in place.core.documents(CASES)}


def audited(place: Place) -> list[Any]:
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=ticket_deleted | table ticket id'
    return list(place.core.splunkd.search(spl).rows)


def test_open_tickets_are_asked_for_in_one_request_and_the_deleted_one_is_noticed(place: Place) -> None:
    keys = [place.open(number) for number in (1, 2, 3)]
    place.poll()
    place.jira.delete(keys[1])
    place.jira.move(keys[2], "Done")
    place.poll()
    look(place)
    assert statuses(place) == {keys[0]: "To Do", keys[1]: DELETED, keys[2]: "Done"}
    (said,) = audited(place)
    assert said["ticket"] == keys[1]
    look(place)
    assert len(audited(place)) == 1, "once"


def test_nothing_is_asked_where_nothing_is_open_and_not_more_often_than_every_ten_minutes(place: Place) -> None:
    look(place)
    assert place.jira.requests == []
    key = place.open()
    place.poll()
    before = len(place.jira.requests)
    jira_deleted.look(place.splunkd, place.site, place.tickets.changes, ())
    assert len(place.jira.requests) == before, "it has looked a moment ago"
    found = place.core.documents(CASES)[0]["ticket_id"]
    jira_deleted.look(place.splunkd, place.site, place.tickets.changes, (found,), pause=0.0)
    assert len(place.jira.requests) == before and statuses(place) == {key: "To Do"}, "a search has just seen it"


def test_what_a_search_lacks_and_jira_has_all_the_same_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    key = place.open()
    place.poll()
    monkeypatch.setattr(type(place.tickets.changes), "there", lambda self, numbers: frozenset())
    look(place)
    assert statuses(place) == {key: "To Do"}


def test_one_ticket_of_which_jira_says_nothing_keeps_no_other_from_being_looked_at(place: Place) -> None:
    keys = [place.open(number) for number in (1, 2)]
    place.poll()
    for key in keys:
        place.jira.delete(key)
    # By its id it is gone; by its key Jira does not say.
    place.jira.faults.add("status", method="GET", path=f"/issue/{keys[0]}$", status=403, count=None)
    look(place)
    assert statuses(place) == {keys[0]: "To Do", keys[1]: DELETED}
    place.jira.faults.clear()
    look(place)
    assert statuses(place) == {keys[0]: DELETED, keys[1]: DELETED}


def test_what_was_migrated_to_another_jira_has_its_key_there_and_another_id(place: Place) -> None:
    key = place.open()
    place.poll()
    store, raw = place.jira.store, place.jira.issue(key).raw
    with place.jira.effects:
        moved = ("99" + raw["id"], json.dumps({**raw, "id": "99" + raw["id"]}), raw["id"])
        store._db.execute("UPDATE issue SET id = ?, doc = ? WHERE id = ?", moved)
    look(place)
    assert statuses(place) == {key: "To Do"} and audited(place) == []


def test_of_very_many_the_next_ones_follow(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira_deleted, "MOST", 2)
    keys = [place.open(number) for number in (1, 2, 3)]
    place.poll()
    for key in keys:
        place.jira.delete(key)
    look(place)
    assert 0 < list(statuses(place).values()).count(DELETED) < 3
    look(place)
    assert list(statuses(place).values()).count(DELETED) == 3


def test_a_call_from_outside_has_jira_itself_asked(place: Place) -> None:
    """Whoever says that a ticket is gone is not believed; that it is, Jira says."""
    key = place.open()
    place.poll()
    case = place.core.documents(CASES)[0]

    def called() -> None:
        number = str(case["ticket_id"])
        jira_polling.read_one(place.splunkd, place.site, place.tickets.changes, str(case["_key"]), number)

    called()
    assert statuses(place) == {key: "To Do"}
    place.jira.delete(key)
    called()
    assert statuses(place) == {key: DELETED}


def test_whoever_dies_before_the_case_says_so_has_it_done_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    key, core, event_id = "SEC-1", place.core, "AB12-99@@notable@@0f3c"
    queue = core.splunkd.install_enterprise_security("7.3.2")
    queue.add_finding(event_id)
    core.user("pat", "cloudtrail_responder", "ess_analyst")
    core.ask(finding(1, row={"event_id": event_id, "search_name": "A rule"}))
    place.poll()
    place.jira.delete(key)
    replaced = place.splunkd.replace

    def dies(collection: str, *rest: Any) -> Any:
        if collection == CASES:
            raise KeyboardInterrupt
        return replaced(collection, *rest)

    monkeypatch.setattr(place.splunkd, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        look(place)
    monkeypatch.setattr(place.splunkd, "replace", replaced)
    core.later += 600
    look(place)
    assert statuses(place) == {key: DELETED}
    assert len({event["id"] for event in audited(place)}) == 1
    core.work()
    assert [key in note and DELETED in note for note in queue.comments(event_id)] == [False, True], "said once"


def test_whoever_finds_that_with_news_in_hand_and_dies_has_said_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = place.open()
    place.poll()
    place.jira.delete(key)
    replaced = Splunkd.replace

    def dies(self: Splunkd, collection: str, name: str, document: Any) -> Any:
        replaced(self, collection, name, document)
        if collection == CASES and document.get("ticket_status") == DELETED:
            raise KeyboardInterrupt

    monkeypatch.setattr(Splunkd, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        place.core.ask(finding(1, "event-2"))
    monkeypatch.setattr(Splunkd, "replace", replaced)
    place.core.later += 3_600
    place.core.work()
    assert statuses(place)[key] == DELETED and len({event["id"] for event in audited(place)}) == 1
    assert len(place.jira.issues()) == 1, "the news is in a new ticket"


def test_what_was_changed_a_moment_before_it_was_deleted_is_noticed_as_soon(place: Place) -> None:
    key = place.open()
    place.poll()
    place.jira.delete(key)
    place.splunkd.delete_where(MARKS, {"_key": {"$gte": jira_deleted.PREFIX}})
    place.poll()
    assert statuses(place) == {key: DELETED}
