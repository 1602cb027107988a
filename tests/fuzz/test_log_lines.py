"""A line of the app's log is one line with the fields of its template; an indented one belongs to the one before it."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from responder import logs
from responder.errors import one_line
from responder.log_file import LogFile

FORGED = "\n2026-01-01 00:00:00,000 ERROR pid=1 forged"
#: What fields are made of, more often than chance would have it.
NASTY = st.lists(
    st.one_of(st.sampled_from(["a", " ", "=", '"', "'", "\\", ",", "service=x", 'user="x"', "\n"]), st.text())
)
TEXTS = NASTY.map("".join)


def written(template: str, *arguments: object, error: Exception | None = None) -> str:
    found = None
    try:
        if error:
            raise error
    except Exception:
        found = sys.exc_info()
    return logs.LineFormatter(logs.FORMAT).format(logging.LogRecord("x", 40, "", 0, template, arguments, found))


def fields(line: str, escapes: bool) -> list[tuple[str, str]]:
    """As readers of fields do it: those that know a quote behind a backslash, and those that do not."""
    value = r'"(?:[^"\\]|\\.)*"' if escapes else r'"[^"]*"'
    found = re.findall(rf"([^\s=,;\"]+)=({value}|[^\s\",;=]*)", line.partition(" pid=")[2])
    return [(name, text.strip('"').replace("\\\\", "\\")) for name, text in found]


def read(text: str) -> str:
    return one_line(text).replace('"', "'")


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
@example("jira:x", "eve", "bad service=jira:main")
@example('a" user="root', "\\", '\\" user=root')
@example("", "x=y", "a, user=root")
def test_no_value_looks_like_another_field(service: str, user: str, reason: str) -> None:
    line = written("service=%s: user=%s due=%d not done: %s", service, user, 5, ValueError(reason))
    for escapes in (True, False):
        assert fields(line, escapes) == [
            ("service", read(service)),
            ("user", read(user)),
            ("due", "5"),
            ("reason", read(reason)),
        ]


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_no_value_in_an_actions_own_log_looks_like_another_field(name: str, reason: str) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as home:
        patch.setenv("SPLUNK_HOME", home)
        folder = Path(home) / "var" / "log" / "splunk"
        folder.mkdir(parents=True)
        LogFile("x").fields("ERROR", action=name, reason=reason)
        (line,) = (folder / "x.log").read_text(encoding="utf-8").splitlines()
    for escapes in (True, False):
        assert fields(line, escapes) == [("action", read(name)), ("reason", read(reason))]


@settings(deadline=None)
@given(TEXTS)
def test_no_exception_looks_like_a_field_of_the_line_before_it(text: str) -> None:
    _, *others = written("task=%s: internal error", "a", error=ValueError(f"bad user=root {text}")).splitlines()
    for line in others:
        assert re.fullmatch(r'    traceback="[^"]*"', line)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nothing_in_a_message_ends_its_line(end: str) -> None:
    line = written("user=%s done", f"eve{end}2026-01-01 00:00:00,000 ERROR forged")
    assert len(line.splitlines()) == 1 and line.endswith('user="eve 2026-01-01 00:00:00,000 ERROR forged" done')


def test_nothing_in_an_exception_looks_like_a_line_of_its_own() -> None:
    first, *others = written("user=%s done", "eve", error=ValueError(f"bad{FORGED}\x85forged")).splitlines()
    assert first.endswith("user=eve done")
    assert len(others) > 3 and all(line.startswith("    ") for line in others)


def test_other_control_characters_do_not_reach_a_terminal() -> None:
    assert written("user=%s done", "a\x1b[31mb\x07\u202ec").endswith('user="a [31mb c" done')


def test_a_template_without_fields_and_one_with_a_percent_sign_stay_as_they_are() -> None:
    assert written("nothing to do").endswith(" nothing to do")
    assert written("done=%s of 100%%, seconds=%.1f", "all", 1.25).endswith(" done=all of 100%, seconds=1.2")


def test_an_action_that_fails_writes_its_traceback_below_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var" / "log" / "splunk").mkdir(parents=True)
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    try:
        raise ValueError("bad user=root")
    except ValueError:
        LogFile("x").traceback(action="responder_x", reason="internal error")
    first, *others = (tmp_path / "var" / "log" / "splunk" / "x.log").read_text().splitlines()
    assert first.endswith('action=responder_x reason="internal error"')
    assert others[-1] == '    traceback="ValueError: bad user=root"'
