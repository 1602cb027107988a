"""WAF's security automation keeps lists of addresses by a function."""

from __future__ import annotations

from ..company import role
from ..month import Month


def happens(month: Month) -> None:
    who = role("waf-automations", "waf-log-parser")
    for number, at in enumerate(month.runs(12)):
        month.call(at, who, "wafv2:GetIPSet", {"name": "scanners", "id": "1", "scope": "REGIONAL"})
        month.call(
            at + 0.001,
            who,
            "wafv2:UpdateIPSet",
            {"name": "scanners", "id": "1", "scope": "REGIONAL", "addresses": [f"203.0.113.{number % 250}/32"]},
        )
