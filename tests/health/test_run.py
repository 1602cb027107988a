"""The checks together, and the doors to them."""

from __future__ import annotations

import json
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from health_place import Place, levels, text
from responder.endpoints import dispatch
from responder.errors import ConfigurationError, Unavailable
from responder.findings.shapes import is_read
from responder.health import reach, run
from responder.health.line import LEVELS, Check, green, name, red, worst
from responder.health.shapes import SHAPES
from responder.inputs import unread_shapes

from tests.health.test_cloudtrail import UNREAD


def failing(error: Exception) -> Check:
    def look(about: Any) -> Any:
        raise error

    return Check("Failing", 1, look)


FINE = Check("Fine", 2, lambda about: [green("Fine.")])


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (ConfigurationError("Wrong.", "Correct it."), "red", "Could not be checked: Wrong."),
        (Unavailable("Away.", "Wait."), "amber", "Could not be checked: Away."),
        (KeyError("xoxb-secret"), "red", "The check itself failed (KeyError)."),
    ],
)
def test_a_check_that_fails_is_a_line_and_not_the_end_of_the_others(
    place: Place, error: Exception, level: str, said: str
) -> None:
    bad, fine = place.run([failing(error), FINE])
    assert (bad.level, bad.what, fine.level) == (level, said, "green") and "xoxb" not in text([bad])


def test_a_check_that_hangs_is_left_behind(place: Place) -> None:
    released, ended = threading.Event(), threading.Event()

    def hang(about: Any) -> Any:
        released.wait(60)
        ended.set()
        return [green("After all.")]

    bad, fine = place.run([Check("Hanging", 1, hang), FINE], longest=0.5)
    is_left_behind = not ended.is_set()
    released.set()
    assert bad.level == "amber" and "No answer" in bad.what and fine.level == "green" and is_left_behind


def test_of_many_services_one_that_hangs_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "LONGEST", 0.5)
    released = threading.Event()

    def test(entry: str) -> str:
        if entry == "slow":
            released.wait(30)
        return "Connected."

    said = reach.each(["a", "slow", "b"], test, "Site")
    released.set()
    assert [line.level for line in said] == ["green", "green", "amber"] and "1 of 3" in said[-1].what


def test_checks_run_side_by_side(place: Place) -> None:
    """Each waits for the other: one after the other they would never end."""
    meeting = threading.Barrier(2, timeout=30)
    both = [Check(str(n), n, lambda about: [green(str(meeting.wait() >= 0))]) for n in range(2)]
    assert levels(place.run(both)) == ["green", "green"]


def test_what_several_checks_need_is_read_once(place: Place) -> None:
    place.splunkd.requests.clear()
    place.ask("CloudTrail shapes", "CloudTrail fields", "CloudTrail times")
    assert place.splunkd.requests.count("POST", path="*/search/v2/jobs") == 1


def test_a_line_is_one_line(place: Place) -> None:
    (line,) = place.run([Check("x", 1, lambda about: [red("a\nb\x1b[0m" + "c" * 1000, "d\r\ne")])])
    assert "\n" not in line.what and "\x1b" not in line.what and len(line.what) <= 500 and line.to_do == "d e"


def test_names_that_others_chose_are_no_markup() -> None:
    assert name("<script>`x`|\n$y$") == "?script??x?? ?y?" and name("") == "?"


def test_every_check_has_a_name_of_its_own_and_says_something(place: Place) -> None:
    names = [check.name for check in run.checks()]
    assert len(names) == len(set(names)) >= 19
    said = place.run()
    assert {line.check for line in said} == set(names) and set(levels(said)) <= set(LEVELS)


def test_the_page_names_every_check_and_every_shape() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "health.md").read_text(encoding="utf-8")
    named = {name.strip() for row in page.splitlines() if row.startswith("| ") for name in row.split("|")[1].split(",")}
    assert [check.name for check in run.checks() if check.name not in named] == []
    shapes = page.split("### Shapes")[1].split("###")[0]
    for shape in SHAPES:
        (row,) = [line for line in shapes.splitlines() if _words(shape.words) <= _words(line)]
        assert row.endswith("| yes |") == is_read(shape, AS_SHIPPED), shape.id


AS_SHIPPED = "`cloudtrail_read_wrapped`"


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{4,}", text)) - {"CloudTrail"}


def test_the_whole_is_as_its_worst_line() -> None:
    assert (worst(["green", "red", "amber"]), worst(["green"]), worst([])) == ("red", "green", "green")


def ask(place: Place, body: Any, method: str = "POST") -> tuple[int, dict[str, Any]]:
    given = {
        "method": method,
        "rest_path": "/cloudtrail_responder/health",
        "server": {"rest_uri": place.splunkd.uri},
        "system_authtoken": place.splunkd.system_token,
        "session": {"user": "pat", "authtoken": "token"},
        "payload": json.dumps(body),
    }
    answered = dispatch.answer(json.dumps(given))
    return answered["status"], answered["payload"]


def test_the_endpoint_answers_with_all_lines_or_those_that_were_asked_for(place: Place) -> None:
    status, answer = ask(place, {})
    assert status == 200 and answer["level"] == "red" and len(answer["lines"]) >= 19
    assert set(answer["lines"][0]) == {"check", "level", "what", "to_do"}
    assert [line["check"] for line in ask(place, {"checks": ["Queue"]})[1]["lines"]] == ["Queue"]
    assert ask(place, {"checks": "Queue"})[0] == 400 and ask(place, {}, "GET")[0] == 405


def messages(place: Place) -> list[tuple[str, str]]:
    return [(one.severity, one.text) for one in place.splunkd.bulletin.all() if one.name == unread_shapes.NAME]


def next_day(place: Place) -> None:
    place.client().delete_where("responder_marks", {"_key": {"$gt": ""}})


def test_once_a_day_a_message_says_that_a_shape_is_not_read(place: Place) -> None:
    place.index(UNREAD["ocsf"], time=time.time())
    unread_shapes.tell_when_due(place.client())
    ((severity, said),) = messages(place)
    assert severity == "warn" and "OCSF events of Security Lake" in said and "responderhealth" in said
    place.splunkd.bulletin.remove(unread_shapes.NAME)
    unread_shapes.tell_when_due(place.client())
    assert messages(place) == []


def test_the_message_goes_when_all_is_read_again(place: Place) -> None:
    place.index(UNREAD["ocsf"], time=time.time())
    unread_shapes.tell_when_due(place.client())
    assert messages(place)
    place.splunkd.index.clean("main")
    next_day(place)
    unread_shapes.tell_when_due(place.client())
    assert messages(place) == []


def test_of_several_search_heads_one_looks(place: Place) -> None:
    place.splunkd.requests.clear()
    for _ in range(3):
        unread_shapes.tell_when_due(place.client())
    assert place.splunkd.requests.count("POST", path="*/search/v2/jobs") == 1


def test_what_keeps_the_look_from_working_ends_no_worker(place: Place) -> None:
    place.macro("cloudtrail_index", "| nonsense")
    unread_shapes.tell_when_due(place.client())
    assert messages(place) == []
