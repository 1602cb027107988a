"""Block Kit's rules, checked strictly. Source: Slack's Block Kit reference, and the limits of its messages.

Refusals come as Slack gives them: ``invalid_blocks`` with one line for each fault, ending in its JSON pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.slack.model import SlackError

MAX_BLOCKS = 50
#: Undocumented; measured by others near 13,200 for all blocks of a message together.
MAX_CHARACTERS = 13_200
MAX_TEXT, MAX_FIELD, MAX_HEADER, MAX_BLOCK_ID = 3000, 2000, 150, 255

Check = Callable[["_Faults", dict[str, Any], str], None]


class _Faults:
    """Collects what is wrong, in Slack's words."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, problem: str, pointer: str) -> None:
        self.found.append(f"{problem} [json-pointer:{pointer}]")

    def keys(
        self, thing: Mapping[str, Any], pointer: str, required: tuple[str, ...], optional: tuple[str, ...]
    ) -> None:
        for name in required:
            if name not in thing:
                self.add(f"missing required field: {name}", pointer)
        for name in set(thing) - {"type", *required, *optional}:
            self.add(f"invalid additional property: {name}", pointer)

    def string(self, value: Any, pointer: str, most: int, least: int = 1) -> None:
        if not isinstance(value, str):
            self.add("must provide a string", pointer)
        elif len(value) < least:
            self.add(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            self.add(f"must be less than {most + 1} characters", pointer)

    def items(self, value: Any, pointer: str, most: int) -> list[Any]:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.add("must be an array of objects", pointer)
            return []
        if not value:
            self.add("no less than 1 items allowed", pointer)
        if len(value) > most:
            self.add(f"no more than {most} items allowed", pointer)
        return value

    def text(self, value: Any, pointer: str, most: int, plain_only: bool = False) -> None:
        """A text object."""
        if not isinstance(value, dict):
            self.add("must be a text object", pointer)
            return
        allowed = ("plain_text",) if plain_only else ("plain_text", "mrkdwn")
        if value.get("type") not in allowed:
            self.add(f"must be one of: {', '.join(allowed)}", pointer + "/type")
            return
        self.keys(value, pointer, ("text",), ("emoji",) if value["type"] == "plain_text" else ("verbatim",))
        self.string(value.get("text"), pointer + "/text", most)


def check(blocks: Any) -> list[dict[str, Any]]:
    """The blocks, if Slack would take them. Raises ``SlackError`` otherwise."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    faults = _Faults()
    if len(blocks) > MAX_BLOCKS:
        faults.add(f"no more than {MAX_BLOCKS} items allowed", "/blocks")
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        pointer = f"/blocks/{index}"
        checker = _BLOCKS.get(str(block.get("type")))
        if checker is None:
            faults.add(f"unsupported type: {block.get('type')}", pointer)
            continue
        checker(faults, block, pointer)
        if "block_id" in block:
            faults.string(block["block_id"], pointer + "/block_id", MAX_BLOCK_ID)
            if block["block_id"] in seen:
                faults.add(f"block_id already exists: {block['block_id']}", pointer + "/block_id")
            seen.add(str(block["block_id"]))
    if faults.found:
        raise SlackError(
            "invalid_blocks",
            errors=faults.found,
            response_metadata={"messages": [f"[ERROR] {line}" for line in faults.found]},
        )
    if characters(blocks) > MAX_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def characters(value: Any) -> int:
    """Characters of every string in the blocks."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(characters(one) for one in value.values())
    return sum(characters(one) for one in value) if isinstance(value, list) else 0


def _section(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, (), ("text", "fields", "accessory", "block_id", "expand"))
    if "text" not in block and "fields" not in block:
        faults.add("missing required field: text or fields", at)
    if "text" in block:
        faults.text(block["text"], at + "/text", MAX_TEXT)
    if "fields" in block:
        for index, one in enumerate(faults.items(block["fields"], at + "/fields", 10)):
            faults.text(one, f"{at}/fields/{index}", MAX_FIELD)
    if "accessory" in block:
        _element(faults, block["accessory"], at + "/accessory", ("button", "image"))


def _header(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, ("text",), ("block_id",))
    faults.text(block.get("text"), at + "/text", MAX_HEADER, plain_only=True)


def _context(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, ("elements",), ("block_id",))
    for index, one in enumerate(faults.items(block.get("elements"), at + "/elements", 10)):
        if one.get("type") == "image":
            _element(faults, one, f"{at}/elements/{index}", ("image",))
        else:
            faults.text(one, f"{at}/elements/{index}", MAX_TEXT)


def _divider(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, (), ("block_id",))


def _actions(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, ("elements",), ("block_id",))
    names = set()
    for index, one in enumerate(faults.items(block.get("elements"), at + "/elements", 25)):
        _element(faults, one, f"{at}/elements/{index}", ("button",))
        if one.get("action_id") in names:
            faults.add(f"action_id already exists: {one['action_id']}", f"{at}/elements/{index}/action_id")
        names.add(one.get("action_id", index))


def _image(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, ("image_url", "alt_text"), ("title", "block_id"))
    faults.string(block.get("image_url"), at + "/image_url", 3000)
    faults.string(block.get("alt_text"), at + "/alt_text", 2000)


def _element(faults: _Faults, element: Any, at: str, allowed: tuple[str, ...]) -> None:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed:
        faults.add(f"must be one of: {', '.join(allowed)}", at)
    elif kind == "image":
        faults.keys(element, at, ("image_url", "alt_text"), ())
        faults.string(element.get("alt_text"), at + "/alt_text", 2000)
    else:
        faults.keys(element, at, ("text",), ("action_id", "url", "value", "style", "confirm", "accessibility_label"))
        faults.text(element.get("text"), at + "/text", 75, plain_only=True)
        for name, most in (("action_id", 255), ("url", 3000), ("value", 2000)):
            if name in element:
                faults.string(element[name], f"{at}/{name}", most)
        if element.get("style", "primary") not in ("primary", "danger"):
            faults.add("must be one of: primary, danger", at + "/style")
        if "confirm" in element:
            _confirm(faults, element["confirm"], at + "/confirm")


def _confirm(faults: _Faults, dialog: Any, at: str) -> None:
    if not isinstance(dialog, dict):
        faults.add("must be an object", at)
        return
    faults.keys(dialog, at, ("title", "text", "confirm", "deny"), ("style",))
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        faults.text(dialog.get(name), f"{at}/{name}", most, plain_only=name != "text")
    if dialog.get("style", "primary") not in ("primary", "danger"):
        faults.add("must be one of: primary, danger", at + "/style")


# --- rich text -------------------------------------------------------------------------------------------------------

#: inline element -> (required, optional)
_INLINE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("text",), ("style",)),
    "link": (("url",), ("text", "unsafe", "style")),
    "user": (("user_id",), ("style",)),
    "channel": (("channel_id",), ("style",)),
    "usergroup": (("usergroup_id",), ("style",)),
    "broadcast": (("range",), ("style",)),
    "emoji": (("name",), ("unicode", "style", "skin_tone")),
    "date": (("timestamp", "format"), ("url", "fallback", "style")),
    "color": (("value",), ()),
}


def _rich_text(faults: _Faults, block: dict[str, Any], at: str) -> None:
    faults.keys(block, at, ("elements",), ("block_id",))
    for index, one in enumerate(faults.items(block.get("elements"), at + "/elements", 1000)):
        _rich_part(faults, one, f"{at}/elements/{index}")


def _rich_part(faults: _Faults, part: dict[str, Any], at: str) -> None:
    kind = part.get("type")
    if kind == "rich_text_list":
        faults.keys(part, at, ("style", "elements"), ("indent", "offset", "border"))
        if part.get("style") not in ("bullet", "ordered"):
            faults.add("must be one of: bullet, ordered", at + "/style")
        for index, one in enumerate(faults.items(part.get("elements"), at + "/elements", 1000)):
            _rich_part(faults, one, f"{at}/elements/{index}")
    elif kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        faults.keys(part, at, ("elements",), () if kind == "rich_text_section" else ("border", "language"))
        elements = part.get("elements")
        if not isinstance(elements, list) or not all(isinstance(one, dict) for one in elements):
            faults.add("must be an array of objects", at + "/elements")
            return
        for index, one in enumerate(elements):
            _rich_inline(faults, one, f"{at}/elements/{index}")
    else:
        faults.add(f"unsupported type: {kind}", at)


def _rich_inline(faults: _Faults, element: dict[str, Any], at: str) -> None:
    if element.get("type") not in _INLINE:
        faults.add(f"unsupported type: {element.get('type')}", at)
        return
    required, optional = _INLINE[element["type"]]
    faults.keys(element, at, required, optional)
    for name in required:
        if name in element and name != "timestamp":
            faults.string(element[name], f"{at}/{name}", MAX_CHARACTERS)
    style = element.get("style", {})
    if not isinstance(style, dict) or set(style) - {"bold", "italic", "strike", "code", "underline", "unlink"}:
        faults.add("invalid style", at + "/style")


_BLOCKS: Mapping[str, Check] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "image": _image,
    "rich_text": _rich_text,
}
