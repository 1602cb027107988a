"""Whatever names alerts and findings bring along, and however many: nobody else's tasks wait for ever behind them."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from hashlib import md5
from typing import Any
from urllib.parse import quote

import pytest
from core_findings import finding
from responder.engine import due, left_out
from responder.engine.breaker import Marks
from responder.engine.service_names import LONGEST, resolved, site_of
from responder.errors import Unavailable
from responder.inputs import round as round_module
from responder.inputs import worker
from responder.settings.reader import Configuration
from responder.splunk.client import Splunkd as Client

from tests.eventually import eventually

ACCOUNT = "123456789012"


@pytest.fixture
def work(core, monkeypatch) -> Any:
    """One round of the worker, with the services of ``core``: gives {task: state}."""
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return lambda client=None: {r.task: r.state for r in worker.run_once(client or core.client(), core.clock)}


class Measuring(Client):
    """Remembers the longest query, in bytes of an address, and how many there were."""

    longest = 0
    pages = 0

    def find(self, collection: str, query: Any, **options: Any) -> Any:
        self.longest = max(self.longest, len(quote(json.dumps(query))))
        self.pages += collection == "responder_tasks"
        return super().find(collection, query, **options)


def measuring(core: Any) -> Measuring:
    return Measuring(core.splunkd.uri, core.splunkd.system_token, pauses=())


def stored(core: Any, *services: str, owner: str = "eve", due_at: float = 1.0) -> None:
    """Due tasks of so many services, one each, as documents name them."""
    template = core.client().fetch("responder_tasks", core.record(99, "notify_slack"))
    core.client().delete_where("responder_tasks", {"_key": template["_key"]})

    def key(number: int, service: str) -> str:
        return f"{number:020x}.slack.{md5((owner + service).encode()).hexdigest()[:16]}"

    documents = [{**template, "_key": key(n, service), "service": service} for n, service in enumerate(services)]
    core.client().save_many("responder_tasks", [{**one, "owner": owner, "due_at": due_at} for one in documents])


def listed(listing: due.DueTasks, without: tuple[str, ...] = (), served: tuple[Any, ...] = ()) -> dict[str, int]:
    found = listing.read((), lambda service: service in without, served)
    return {share.service: len(share.keys) for share in found}


def listing_of(core: Any, client: Client) -> due.DueTasks:
    return due.DueTasks(client, Configuration(client), core.clock)


def test_a_ticket_that_waits_goes_before_the_files_of_those_that_are_open(core):
    """As after an outage: each of thousands of tickets has got files and edits to come, and some were put off."""
    template = core.client().fetch("responder_tasks", core.record(99))
    file = {**template, "kind": "ticket.records", "due_at": 1.0}
    lanes = [f"{number:020x}.ticket" for number in range(due.ENOUGH + 100)]
    core.client().save_many("responder_tasks", [{**file, "_key": f"{lane}.{1:016x}", "lane": lane} for lane in lanes])
    waiting = core.record(1)
    client = measuring(core)
    (share,) = listing_of(core, client).read((), lambda service: False)
    assert share.keys[:2] == [template["_key"], waiting] and len(share.keys) > due.ENOUGH and client.pages <= 4


@pytest.mark.parametrize("kind", [
    "slack.escalation", "slack.actor", "slack.statement", "slack.denied", "ticket.statement",
])  # fmt: skip
def test_whatever_calls_people_goes_before_files_and_edits(core, kind):
    """An approval runs out while an escalation waits behind the messages and edits of an outage."""
    template = core.client().fetch("responder_tasks", core.record(99))
    documents = [
        {**template, "kind": "slack.edit", "due_at": 1.0, "_key": f"{number:020x}.ticket.{1:016x}"}
        for number in range(due.ENOUGH + 100)
    ]
    core.client().save_many("responder_tasks", [*documents, {**template, "kind": kind}])
    (share,) = listing_of(core, core.client()).read((), lambda service: False)
    assert share.keys[0] == template["_key"]


# -- names -------------------------------------------------------------------------------------------------------------


def test_a_service_name_of_seventy_thousand_characters_in_the_kv_store_hides_nothing_and_makes_no_long_address(core):
    stored(core, *(f"slack:{'x' * 70_000}{number}:" for number in range(4)))
    core.record(1)
    client = measuring(core)
    listing = listing_of(core, client)
    assert listed(listing) == {"slack:": 4, "jira:jira": 1}
    assert listed(listing, without=("slack:",)) == {"jira:jira": 1}
    assert client.longest < left_out.MOST_BYTES + 1_000


def test_a_name_that_settings_know_stays_short_whatever_a_task_adds_to_it(core):
    config = Configuration(core.client())
    names = [resolved(config, f"slack:slack:{'c' * 5_000}{end}") for end in "ab"]
    assert len(set(names)) == 2 and all(len(name) <= LONGEST and site_of(name) == "slack:slack" for name in names)


FLOODS = {
    "aws": [f"aws:{number:012d}" for number in range(1_000)],
    "jira": [f"jira:site-{number}" for number in range(1_000)],
    "slack": [f"slack:team-{number}:channel" for number in range(1_000)],
}


@pytest.mark.extended
@pytest.mark.parametrize("family", FLOODS)
def test_a_thousand_names_without_an_entry_are_one_share_and_hide_no_entry_of_the_same_owner(core, family):
    core.save("aws_account", "one", account_id=ACCOUNT, auth_type="host_role")
    stored(core, *FLOODS[family])
    stored(core, f"aws:{ACCOUNT}", "jira:jira", "jira:", "slack::", "slack:slack:other", "", due_at=2.0)
    client = measuring(core)
    found = listed(listing_of(core, client))
    assert found.pop(f"{family}:") >= due.ENOUGH
    assert found == {f"aws:{ACCOUNT}": 1, "slack:slack:sec": 2, "slack:slack:other": 1, "jira:jira": 2}
    assert client.longest < left_out.MOST_BYTES + 1_000
    assert client.pages <= 3, "not all of them are read"


def test_a_workspace_with_a_thousand_channels_hides_nobody_elses_message_in_it(core, monkeypatch):
    monkeypatch.setattr(due, "ENOUGH_OF_SITE", 600)
    stored(core, *(f"slack:slack:channel-{number}" for number in range(2_000)))
    stored(core, "slack:slack:sec", owner="pat", due_at=2.0)
    client = measuring(core)
    listing = listing_of(core, client)
    found = listed(listing)
    assert found["slack:slack:sec"] == 1 and client.pages <= 4
    client.pages = 0
    assert listed(listing, without=("slack:slack",)) == {} and client.pages == 1, "a workspace that is away is not read"
    assert client.longest < left_out.MOST_BYTES + 1_000


def test_what_does_not_fit_into_an_address_is_passed_over_here(core, monkeypatch):
    monkeypatch.setattr(left_out, "MOST_BYTES", 200)
    monkeypatch.setattr(due, "PAGE", 10)
    channels = [f"slack:slack:channel-{number}" for number in range(40)]
    stored(core, *channels)
    core.record(1)
    client = measuring(core)
    listing = listing_of(core, client)
    assert len(listed(listing)) == 41
    assert listed(listing, without=tuple(channels)) == {"jira:jira": 1}
    assert listed(listing, served=tuple((channel, "eve") for channel in channels)) == {"jira:jira": 1}
    assert client.longest < 1_000


# -- owners ------------------------------------------------------------------------------------------------------------


def flood(core: Any, count: int, name: str = "notify_slack", user: str = "eve", **parameters: str) -> None:
    rows = [
        {"number": n, "row": {"signature_id": "some_detection", "dedup_key": f"{user}-{parameters}-{n}"}}
        for n in range(count)
    ]
    body = {"action": name, "parameters": parameters, "search_name": "S", "app": "search", "sid": "1", "rows": rows}
    assert core.post("record", body, user=user)[0] == 200


def test_within_a_share_owners_take_turns(core):
    flood(core, 6)
    flood(core, 2, user="pat")
    (share,) = listing_of(core, core.client()).read((), lambda service: False)
    assert [owner for owner, _ in share.tasks][:4] in (["eve", "pat"] * 2, ["pat", "eve"] * 2)
    assert len(share.keys) == 8


def test_ten_thousand_tasks_of_an_owner_hide_no_task_of_another_one_of_the_same_service(core, monkeypatch):
    monkeypatch.setattr(due, "ENOUGH", 100)
    monkeypatch.setattr(due, "PAGE", 100)
    stored(core, *["slack:slack:sec"] * 1_000)
    stored(core, "slack:slack:sec", owner="pat", due_at=2.0)
    client = measuring(core)
    (share,) = listing_of(core, client).read((), lambda service: False)
    assert [owner for owner, _ in share.tasks].count("pat") == 1 and client.pages == 2


@pytest.fixture
def effects(core, monkeypatch) -> list[str]:
    """Messages and tickets, in the order in which they were sent."""
    sent: list[str] = []
    post, create = core.slack.post, core.jira.create

    def posting(channel: str, *arguments: Any, **more: Any) -> Any:
        sent.append(channel)
        return post(channel, *arguments, **more)

    def creating(*arguments: Any, **more: Any) -> Any:
        sent.append("ticket")
        return create(*arguments, **more)

    monkeypatch.setattr(core.slack, "post", posting)
    monkeypatch.setattr(core.jira, "create", creating)
    return sent


def test_with_more_shares_than_threads_each_owner_gets_one_in_his_turn(core, work, effects, monkeypatch):
    monkeypatch.setattr(round_module, "SHARES", 1)
    for number in range(6):
        flood(core, 1, channel=f"c{number}")
    core.record(1)
    assert set(work().values()) == {"done"}
    assert len(effects) == 7 and effects.index("ticket") == 1


def test_a_long_share_gives_its_thread_back_when_others_wait(core, work, effects, monkeypatch):
    monkeypatch.setattr(round_module, "SHARES", 1)
    monkeypatch.setattr(round_module, "SLICE", 0.0)
    flood(core, 20)
    core.record(1)
    assert set(work().values()) == {"done"}
    assert len(effects) == 21 and effects.index("ticket") == round_module.BATCH_IN_CHANNEL


def test_a_message_that_is_recorded_while_another_owners_flood_is_posted_does_not_wait_for_its_end(
    core, work, effects, monkeypatch
):
    monkeypatch.setattr(round_module, "LOOK_AGAIN", 0.0)
    flood(core, 60)
    recorded: list[str] = []
    post = core.slack.post

    def first(*arguments: Any, **more: Any) -> Any:
        if not recorded:
            recorded.append(core.record(replace(finding(1), signature="Of pat"), "notify_slack"))
        return post(*arguments, **more)

    monkeypatch.setattr(core.slack, "post", first)
    assert set(work().values()) == {"done"}
    assert len(effects) == 61
    place = next(number for number, text in enumerate(core.slack.texts) if "Of pat" in text)
    assert place < 50


def test_channels_of_one_workspace_leave_threads_to_other_services(core, work, monkeypatch):
    monkeypatch.setattr(round_module, "CHANNELS", 2)
    under_way, now = list[int](), set[str]()
    post = core.slack.post

    def counting(channel: str, *arguments: Any, **more: Any) -> Any:
        now.add(channel)
        under_way.append(len(now))
        try:
            return post(channel, *arguments, **more)
        finally:
            now.remove(channel)

    monkeypatch.setattr(core.slack, "post", counting)
    for number in range(8):
        flood(core, 1, channel=f"c{number}")
    assert set(work().values()) == {"done"}
    assert len(under_way) == 8 and max(under_way) <= 2


# -- the round goes on -------------------------------------------------------------------------------------------------


class Failing(Client):
    """A KV store that lists what is due once, or never."""

    lists = 1

    def find(self, collection: str, query: Any, **options: Any) -> Any:
        if collection == "responder_tasks" and "due_at" in query:
            self.lists -= 1
            if self.lists < 0:
                raise Unavailable("The KV store does not answer.")
        return super().find(collection, query, **options)


def test_a_listing_that_fails_costs_only_itself(core, work, monkeypatch):
    monkeypatch.setattr(round_module, "LOOK_AGAIN", 0.0)
    client = Failing(core.splunkd.uri, core.splunkd.system_token, pauses=())
    core.jira.stopped = [lambda: eventually(lambda: client.lists < -1)]
    keys = [core.record(number) for number in range(3)]
    assert work(client) == dict.fromkeys(keys, "done")


def test_a_round_that_can_list_nothing_says_so(core, work):
    client = Failing(core.splunkd.uri, core.splunkd.system_token, pauses=())
    client.lists = 0
    core.record()
    with pytest.raises(Unavailable, match="does not answer"):
        work(client)


def test_a_round_that_cannot_read_which_services_are_away_finds_out_by_asking_them(core, work, monkeypatch):
    def unread(*_: Any) -> Any:
        raise Unavailable("The KV store does not answer.")

    monkeypatch.setattr(Marks, "read", unread)
    key = core.record()
    assert work() == {key: "done"}


def test_decisions_that_cannot_be_read_keep_nothing_else_from_being_worked_on(core, work, monkeypatch):
    def unread(*_: Any) -> Any:
        raise Unavailable("The KV store does not answer.")

    monkeypatch.setattr(worker.decisions, "unsettled", unread)
    key = core.record()
    assert work() == {key: "done"}


def test_a_fault_of_ours_in_one_share_keeps_no_other_from_being_worked_on(core, work, monkeypatch, caplog):
    caplog.set_level(logging.ERROR, "cloudtrail_responder")
    run = round_module.Engine.run

    def faulty(self: Any, keys: Any, *arguments: Any, **more: Any) -> Any:
        if ".slack." in keys[0]:
            raise RuntimeError("a bug")
        return run(self, keys, *arguments, **more)

    monkeypatch.setattr(round_module.Engine, "run", faulty)
    message, ticket = core.record(1, "notify_slack"), core.record(2)
    assert work() == {ticket: "done"}
    monkeypatch.setattr(round_module.Engine, "run", run)
    assert work() == {message: "done"}


def test_what_a_saved_setting_may_have_cured_is_looked_for_again_when_it_could_not_be_read(core, work, monkeypatch):
    work()
    core.save("settings", "general", splunk_web_url="https://splunk.example.com")
    key = core.record()
    failed = core.client().fetch("responder_tasks", key)
    core.write("responder_tasks", {**failed, "state": "failed", "open": 0, "due_at": 0, "updated_at": core.clock()})
    read = due.DueTasks.for_a_person

    def unread(*_: Any) -> Any:
        raise Unavailable("The KV store does not answer.")

    monkeypatch.setattr(due.DueTasks, "for_a_person", unread)
    assert work() == {}
    monkeypatch.setattr(due.DueTasks, "for_a_person", read)
    assert work() == {key: "done"}
