"""Block Kit's limits, each at its edge; and they are not laxer than Slack's own models."""

from __future__ import annotations

from typing import Any

import pytest
from slack_blocks import section
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from sandbox.slack import blocks
from sandbox.slack.model import SlackError


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Look"), "action_id": "a", **more}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


GOOD = {
    "section": [section("x" * 3000)],
    "fields": [{"type": "section", "fields": [plain("x" * 2000)] + [plain("x")] * 9}],
    "header": [{"type": "header", "text": plain("x" * 150)}],
    "context": [{"type": "context", "elements": [plain("x")] * 10}],
    "actions": [{"type": "actions", "elements": [button(action_id=str(n)) for n in range(25)]}],
    "divider": [{"type": "divider", "block_id": "x" * 255}],
    "fifty": [{"type": "divider"}] * 50,
    "rich text": [rich({"type": "text", "text": "a", "style": {"bold": True}}, {"type": "link", "url": "https://a.b"})],
    "accessory": [{**section("x"), "accessory": button(url="https://a.b", style="danger")}],
}
BAD = {
    "section too long": ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "section empty": ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "section bare": ([{"type": "section"}], "missing required field: text or fields [json-pointer:/blocks/0]"),
    "string as text": ([{"type": "section", "text": "x"}], "must be a text object [json-pointer:/blocks/0/text]"),
    "field too long": (
        [{"type": "section", "fields": [plain("x" * 2001)]}],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "fields too many": (
        [{"type": "section", "fields": [plain("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "header too long": (
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "header with markup": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "must be one of: plain_text [json-pointer:/blocks/0/text/type]",
    ),
    "context too many": (
        [{"type": "context", "elements": [plain("x")] * 11}],
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "actions too many": (
        [{"type": "actions", "elements": [button()] * 26}],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "block_id too long": (
        [{"type": "divider", "block_id": "x" * 256}],
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    "block_id twice": (
        [{"type": "divider", "block_id": "a"}] * 2,
        "block_id already exists: a [json-pointer:/blocks/1/block_id]",
    ),
    "unknown type": ([{"type": "marquee"}], "unsupported type: marquee [json-pointer:/blocks/0]"),
    "unknown key": ([{"type": "divider", "color": 1}], "invalid additional property: color [json-pointer:/blocks/0]"),
    "unknown element": (
        [rich({"type": "blink"})],
        "unsupported type: blink [json-pointer:/blocks/0/elements/0/elements/0]",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_just_fits_is_taken(name: str) -> None:
    assert blocks.check(GOOD[name]) == GOOD[name]


@pytest.mark.parametrize("name", GOOD)
def test_slacks_own_models_take_it_too(name: str) -> None:
    parsed = Block.parse_all(GOOD[name])
    assert len(parsed) == len(GOOD[name])
    for block in parsed:
        block.validate_json()


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_refused_with_a_pointer(name: str) -> None:
    wrong, words = BAD[name]
    with pytest.raises(SlackError) as caught:
        blocks.check(wrong)
    assert caught.value.code == "invalid_blocks"
    assert words in caught.value.extra["errors"]
    assert f"[ERROR] {words}" in caught.value.extra["response_metadata"]["messages"]


@pytest.mark.parametrize("name", ["section too long", "header too long", "context too many", "actions too many"])
def test_slacks_own_models_refuse_it_too(name: str) -> None:
    with pytest.raises(SlackObjectFormationError):
        for block in Block.parse_all(BAD[name][0]):
            block.validate_json()


def test_all_blocks_together_have_a_limit() -> None:
    blocks.check([section("x" * 3000)] * 4)
    with pytest.raises(SlackError) as caught:
        blocks.check([section("x" * 3000)] * 5)
    assert caught.value.code == "msg_blocks_too_long"
