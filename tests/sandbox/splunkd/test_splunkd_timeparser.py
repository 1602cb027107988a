"""search/timeparser: what time modifiers stand for, asked as scripts of apps ask it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from splunkd_clients import Rest

PATH = "/services/search/timeparser"
NOON = "1796040000"


def test_each_modifier_stands_for_a_moment(rest: Rest) -> None:
    assert rest("GET", PATH, time=["-1d@d", "now"], now=NOON).json() == {
        "-1d@d": "2026-11-29T00:00:00.000+00:00",
        "now": "2026-11-30T12:00:00.000+00:00",
    }
    assert rest("GET", PATH, time="-1h", now=NOON, output_time_format="%s").json() == {"-1h": "1796036400"}


def test_without_a_mode_it_answers_in_xml(rest: Rest) -> None:
    answer = rest("GET", PATH, time="-1h", now=NOON, output_mode="xml")
    (key,) = ET.fromstring(answer.text).iter("key")
    assert (key.get("name"), key.text) == ("-1h", "2026-11-30T11:00:00.000+00:00")


def test_what_is_no_time_is_refused(rest: Rest) -> None:
    assert rest("GET", PATH, time="soon").status_code == 400
    assert rest("GET", PATH).status_code == 400
    assert rest("GET", PATH, time="now", zone="x").status_code == 400
