"""search/parser and search/v2/parser, asked by splunk-sdk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from splunklib.binding import HTTPError


def test_a_search_that_can_run_is_taken_apart(service: Any) -> None:
    answer = service.parse("search index=main | stats count BY user", output_mode="json")
    commands = [one["command"] for one in json.loads(answer.body.read())["commands"]]
    assert commands == ["search", "stats"]


@pytest.mark.parametrize("spl", ["search index=main | nonsense", "search `no_such_macro`", "| stats count"])
def test_a_search_that_cannot_run_is_refused_with_the_reason(service: Any, spl: str) -> None:
    with pytest.raises(HTTPError) as refused:
        service.parse(spl, output_mode="json")
    assert refused.value.status == 400 and b"FATAL" in refused.value.body


def test_parse_only_expands_nothing(service: Any) -> None:
    answer = service.parse("search `no_such_macro`", output_mode="json", parse_only="t")
    assert answer.status == 200 and [one["command"] for one in json.loads(answer.body.read())["commands"]] == ["search"]


def test_an_argument_that_nobody_knows_is_refused(service: Any) -> None:
    with pytest.raises(HTTPError):
        service.parse("search index=main", output_mode="json", nonsense="1")
