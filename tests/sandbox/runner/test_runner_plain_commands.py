"""Search commands of the first protocol, on splunk-sdk and without it, run inside searches."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sdk_app
from test_runner_sdk_commands import NUMBERS, connect, failed, rows

from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd


@pytest.fixture
def guest(splunkd: Splunkd, python: str) -> Iterator[Splunkd]:
    sdk_app.install(splunkd.home)
    with Runner(splunkd, python):
        yield splunkd


def test_commands_on_the_sdk_say_what_they_are_and_give_what_they_give_in_the_second(guest: Splunkd) -> None:
    found = rows(guest, '| plaingen count=2 label="two words" | table n label user app several')
    assert found == [
        {"n": n, "label": "two words", "user": "admin", "app": "search", "several": ["a", "b;$"]} for n in ("0", "1")
    ]
    assert [row["doubled"] for row in rows(guest, NUMBERS + "| plaindouble field=n")] == ["2.0", "4.0", "6.0", "8.0"]
    assert [row["n"] for row in rows(guest, NUMBERS + "| plainfirst")] == ["1", "3"]
    assert rows(guest, NUMBERS + "| plaintotal n") == [{"total": "10.0"}]
    (row,) = rows(guest, "| makeresults | plainwho")
    assert json.loads(row["context"])["entry"][0]["content"]["username"] == "admin"


@pytest.mark.parametrize(
    ("spl", "text"),
    [
        ("| plaingen count=-1", "Expected integer in the range"),
        ("| makeresults | plaingen", "must be the first command"),
        ("| plaintotal n", "cannot be the first command"),
        ("| makeresults | olddies", "returned error code 3"),
        ("| makeresults | oldsays", "Give it a field."),
    ],
)
def test_what_goes_wrong_fails_the_search(guest: Splunkd, spl: str, text: str) -> None:
    assert text in str(failed(guest, spl)["messages"])


def test_a_command_without_the_sdk_gets_what_its_stanza_says(guest: Splunkd) -> None:
    found = rows(guest, NUMBERS + '| head 3 | oldupper kind end="!"')
    # Streaming: two rows at a time, a process for each part.
    assert [(row["upper"], row["of"], row["key"]) for row in found] == [
        ("LOW!", "2 in search", "True"), ("LOW!", "2 in search", "True"), ("HIGH!", "1 in search", "True"),
    ]  # fmt: skip
    assert rows(guest, "| oldmake") == [{"a": "1", "b": ["x", "y$"]}, {"a": "2", "b": ""}]
    assert rows(guest, NUMBERS + '| oldask "two words"') == [{"rows": "4", "said": "two words"}]


@pytest.mark.parametrize(
    ("command", "said", "count"), [("plainwarns", "take care", "4"), ("plainfails", "cannot do it", "0")]
)
def test_what_a_command_says_before_its_results_is_shown(guest: Splunkd, command: str, said: str, count: str) -> None:
    """The SDK ends well where its command raises ValueError, and says so."""
    job = connect(guest).jobs.create(f"{NUMBERS} | {command}", exec_mode="blocking")
    assert job["dispatchState"] == "DONE" and said in str(job["messages"]) and job["resultCount"] == count
