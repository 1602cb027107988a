"""A modular input on splunk-sdk's Script and a persistent handler live here unadapted, over TLS."""

from __future__ import annotations

from pathlib import Path

import guest_feed
import pytest
from eventually import eventually
from guest_kit import pack
from guest_neighborhood import Neighborhood

APP = guest_feed.APP
NS = f"/servicesNS/nobody/{APP}"


@pytest.fixture
def town(neighborhood: Neighborhood, tmp_path: Path) -> Neighborhood:
    neighborhood.install(pack(guest_feed.build(tmp_path), tmp_path))
    return neighborhood


@pytest.fixture
def counting(town: Neighborhood) -> Neighborhood:
    """An input was made on the page for inputs, with a secret that its script reads."""
    town.rest("POST", f"{NS}/storage/passwords", name="feed", realm=APP, password="four").raise_for_status()
    form = {"name": "slow", "step": "10", "user": "feed", "interval": "1", "index": "main"}
    made = town.rest("POST", f"{NS}/data/inputs/guest_numbers", **form)
    assert made.status_code == 201, made.text
    return town


def numbers(town: Neighborhood) -> list[str]:
    search = 'search index=main sourcetype="guest:number" source=counter | sort 0 number | table number'
    return [row["number"] for row in town.events(search)]


def test_its_input_runs_at_its_interval_and_goes_on_where_it_stopped(counting: Neighborhood) -> None:
    counting.runner.start(scheduler=False)
    schedule = counting.runner.input_schedule
    eventually(lambda: len(numbers(counting)) >= 6 or schedule.runs("guest_numbers://slow") >= 9)
    log = "\n".join(counting.runner.host.log.lines("ExecProcessor"))
    assert numbers(counting)[:6] == ["10", "20", "30", "40", "50", "60"], log
    assert "guest_numbers://slow on sandbox goes on after 30" in log
    (event,) = counting.events("search index=main number=20 | table _time key_length host")
    assert (float(event["_time"]), event["key_length"]) == (1700000020.0, "4")


def test_a_disabled_input_rests(counting: Neighborhood) -> None:
    counting.rest("POST", f"{NS}/data/inputs/guest_numbers/slow/disable").raise_for_status()
    (instance,) = counting.runner.inputs.instances()
    assert instance.disabled


def test_its_script_introduces_and_validates(town: Neighborhood) -> None:
    scheme = town.runner.inputs.scheme("guest_numbers")
    assert (scheme.title, scheme.args, scheme.external_validation) == ("Numbers", {"step": True, "user": False}, True)
    assert town.runner.inputs.validate("guest_numbers", "x", {"step": "0"}) == "step must be 1 or more, not 0"
    assert town.runner.inputs.validate("guest_numbers", "x", {"step": "1"}) is None


def test_its_endpoint_keeps_notes(town: Neighborhood) -> None:
    made = town.rest("POST", f"{NS}/guest_notes", text="second")
    assert made.status_code == 200, made.text
    town.rest("POST", f"{NS}/guest_notes", text="first").raise_for_status()
    listed = town.rest("GET", "/services/guest_notes").json()
    assert listed == {
        "notes": ["first", "second"],
        "splunkd": town.splunkd.uri,
        "port": f"127.0.0.1:{town.splunkd.port}",
    }
    key = made.json()["_key"]
    assert town.rest("GET", f"{NS}/guest_notes/{key}").json()["text"] == "second"
    assert town.rest("DELETE", f"{NS}/guest_notes/{key}").status_code == 200
    gone = town.rest("GET", f"{NS}/guest_notes/{key}")
    assert (gone.status_code, gone.json()) == (404, {"error": "no such note"})
    log = (town.splunkd.home / "var/log/splunk/guest_notes.log").read_text()
    assert f"GET {key} by admin" in log
