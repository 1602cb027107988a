"""The search command: terms, comparisons, time ranges, subsearches."""

from __future__ import annotations

import pytest

from spl import Results, SplUnsupported
from spl.values import Cell
from tests.spl.conftest import NOW, Run, event

LOGIN = {"eventID": "a", "eventName": "ConsoleLogin", "userAgent": "curl/8", "ip": "10.1.2.3", "mfa": ["no", "yes"]}
STOP = {"eventID": "b", "eventName": "StopLogging", "errorMessage": 'he said "no" \\ today', "ip": "2001:db8::7"}
RECORDS = [LOGIN, STOP]


def ids(results: Results) -> list[Cell]:
    return [row["eventID"] for row in results.rows]


@pytest.mark.parametrize(
    "clause, expected",
    [
        ("", ["a", "b"]),
        ("eventName=consolelogin", ["a"]),
        ("eventName IN (stop*, Nothing)", ["b"]),
        ("NOT eventName IN (stop*, Nothing)", ["a"]),
        ("eventName=CASE(consolelogin)", []),
        ("eventName=CASE(ConsoleLogin)", ["a"]),
        ('errorMessage="he said \\"no\\" \\\\ today"', ["b"]),
        ("ip=2001:db8::/32", ["b"]),
        ("ip!=10.0.0.0/8", ["b"]),
        ("mfa{}=yes", ["a"]),
        ("NOT mfa{}=yes", ["b"]),
        ("errorMessage!=*", []),
        ("NOT errorMessage=*", ["a"]),
        ("Logging", []),
        ("*logging", ["b"]),
        ("TERM(curl/8)", ["a"]),
        ("TERM(curl)", []),
        ("curl", ["a"]),
        ('"said"', ["b"]),
        ("(eventName=ConsoleLogin OR eventName=StopLogging) NOT curl", ["b"]),
    ],
)
def test_a_clause_keeps_the_events_it_means(run: Run, clause: str, expected: list[str]) -> None:
    assert ids(run(f"index=aws {clause}", RECORDS)) == expected


def test_text_that_a_json_writer_escaped_is_still_found(run: Run) -> None:
    raw = '{"eventID": "a", "policy": "a\\u003cb", "na\\u006de": "v\\u0061lue"}'
    assert ids(run('index=aws policy="a<b" name=value', [event(raw)])) == ["a"]


def test_fields_indexed_with_an_event_are_found_though_the_raw_text_lacks_them(run: Run) -> None:
    assert ids(run("index=aws team=blue", [event(LOGIN, fields={"team": "Blue"})])) == ["a"]


def test_the_time_range_of_the_search_goes_before_that_of_the_job(run: Run) -> None:
    records = [event({"eventID": "new"}, NOW - 60), event({"eventID": "old"}, NOW - 7200)]
    assert ids(run("index=aws", records, earliest="-1h")) == ["new"]
    assert ids(run("index=aws earliest=-3h latest=-1h", records, earliest="-1h")) == ["old"]


def test_the_end_of_a_time_range_is_exclusive(run: Run) -> None:
    records = [event({"eventID": "end"}, NOW), event({"eventID": "start"}, NOW - 60)]
    assert ids(run("index=aws", records, earliest=NOW - 60, latest=NOW)) == ["start"]


def test_index_time_catches_what_was_delivered_late(run: Run) -> None:
    late = event({"eventID": "late"}, NOW - 9000, indextime=NOW - 30)
    assert ids(run("index=aws _index_earliest=-5m", [late, event({"eventID": "b"}, NOW - 8000)])) == ["late"]


def test_a_later_search_tests_fields_only_after_raw_is_gone(run: Run) -> None:
    assert run("index=aws | stats count by eventName | search ConsoleLogin", RECORDS).rows == []


def test_a_subsearch_becomes_a_condition_and_cannot_inject_one(run: Run) -> None:
    rows = [{"eventName": 'x" OR eventName="*'}]
    spl = "index=aws [| inputlookup names | fields eventName]"
    assert ids(run(spl, RECORDS, lookups={"names": rows})) == []
    assert ids(run(spl, RECORDS, lookups={"names": [{"eventName": "stop*"}]})) == ["b"]


@pytest.mark.parametrize("negation, expected", [("", []), ("NOT", ["a", "b"])])
def test_an_empty_subsearch_never_holds_and_says_so(run: Run, negation: str, expected: list[str]) -> None:
    results = run(f"index=aws {negation} [| inputlookup none | fields x]", RECORDS, lookups={"none": []})
    assert ids(results) == expected
    assert "no rows" in results.messages[0]


def test_return_hands_over_values_and_aliases(run: Run) -> None:
    lookups = {"t": [{"name": "StopLogging"}, {"name": "ConsoleLogin"}]}
    assert ids(run("index=aws [| inputlookup t | return 2 eventName=name]", RECORDS, lookups=lookups)) == ["a", "b"]
    assert ids(run("index=aws [| inputlookup t | return $name]", RECORDS, lookups=lookups)) == ["b"]


def test_a_multivalue_inequality_is_flagged_as_undocumented(run: Run) -> None:
    results = run("index=aws mfa{}!=yes", RECORDS)
    assert ids(results) == ["a"]
    assert "multivalue" in results.messages[0]


def test_a_time_range_inside_an_or_is_refused(run: Run) -> None:
    with pytest.raises(SplUnsupported, match="earliest"):
        run("index=aws (earliest=-1h OR eventName=x)")
