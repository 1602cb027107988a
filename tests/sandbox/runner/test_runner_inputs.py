"""Modular inputs run by Splunk's protocol, at their intervals, and what they write is indexed."""

from __future__ import annotations

import math
import os
import signal
from typing import Any
from urllib.parse import quote

import pytest
import requests
from eventually import eventually

from sandbox.runner.host import Host
from sandbox.runner.input_schedule import InputSchedule
from sandbox.runner.input_stream import EventStream, InputEvent
from sandbox.runner.inputs import InputFailed, ModularInputs, next_start
from sandbox.splunkd import Splunkd


@pytest.fixture
def inputs(host: Host) -> ModularInputs:
    return ModularInputs(host)


def instance(inputs: ModularInputs, name: str) -> Any:
    return next(item for item in inputs.instances() if item.stanza == f"guest_feed://{name}")


def events(splunkd: Splunkd) -> list[Any]:
    everything = splunkd.index.scan(-math.inf, math.inf, -math.inf, math.inf)
    return [event for event in everything if event.index == "main"]


def test_the_scheme_is_asked_for(inputs: ModularInputs) -> None:
    scheme = inputs.scheme("guest_feed")
    assert (scheme.app, scheme.title, dict(scheme.args)) == ("guest", "Guest feed", {"word": True})
    assert (scheme.external_validation, scheme.streaming_mode, scheme.single_instance) == (True, "xml", False)


def test_instances_inherit_from_their_schemes_stanza(inputs: ModularInputs) -> None:
    found = {item.name: item for item in inputs.instances()}
    found = {name: item for name, item in found.items() if item.scheme == "guest_feed"}
    assert set(found) == {"often", "once", "off"}
    assert (found["often"].values["interval"], found["often"].values["sourcetype"]) == ("1", "guest:thing")
    assert [name for name, item in found.items() if item.disabled] == ["off"]


def test_each_line_of_a_scripted_input_is_an_event(inputs: ModularInputs, splunkd: Splunkd) -> None:
    scripts = [item for item in inputs.instances() if item.scheme == "script"]
    by_kind = {item.name.rpartition(".")[2].split()[0]: item for item in scripts}
    assert [inputs.run_once(by_kind[kind]).events for kind in ("py", "sh")] == [2, 1]
    found = {event.raw: (event.sourcetype, event.source.rpartition("/")[2]) for event in events(splunkd)}
    assert found == {
        "2 arguments, key given": ("guest:line", "guest_script.py"), "second": ("guest:line", "guest_script.py"),
        "from a shell": ("guest:line", "shell"),
    }  # fmt: skip
    (other,) = [item for item in scripts if item not in (by_kind["py"], by_kind["sh"])]
    with pytest.raises(InputFailed, match="in an app's bin only"):
        inputs.run_once(other)


def test_a_scripted_input_is_made_switched_and_removed_over_rest(inputs: ModularInputs, splunkd: Splunkd) -> None:
    """An app's setup page does so: ``data/inputs/script``, where the name is the path."""
    where = "/servicesNS/nobody/guest/data/inputs/script"
    session = {"Authorization": f"Splunk {splunkd.session_key(splunkd.admin[0])}"}

    def rest(method: str, path: str = "", **form: str) -> requests.Response:
        url = f"{splunkd.uri}{where}{path and '/' + quote(path, safe='')}"
        return requests.request(method, url, params={"output_mode": "json"}, headers=session, data=form, timeout=30)

    name = "./bin/guest_script.sh again"
    assert rest("POST", name=name).status_code == 400, "without an interval"
    for other in ("./bin/nothing.sh", "./bin/../default/app.conf", "/bin/sh", "$SPLUNK_HOME/etc/apps/other/bin/x.sh"):
        assert rest("POST", name=other, interval="60").status_code == 400
    assert rest("POST", name=name, interval="60", sourcetype="guest:made").status_code == 201
    assert rest("POST", name=name, interval="60").status_code == 409
    assert name in [entry["name"] for entry in rest("GET").json()["entry"]]

    def made() -> Any:
        return next((item for item in inputs.instances() if item.stanza == f"script://{name}"), None)

    assert inputs.run_once(made()).events == 1
    assert rest("POST", f"{name}/disable").status_code == 404, "a slash of the name is written %2F"
    answer = requests.post(f"{splunkd.uri}{where}/{quote(name, safe='')}/disable", headers=session, timeout=30)
    assert answer.status_code == 200 and made().disabled
    assert rest("DELETE", name).status_code == 200 and made() is None


def test_the_script_validates_arguments(inputs: ModularInputs) -> None:
    assert inputs.validate("guest_feed", "x", {"word": "fine"}) is None
    assert inputs.validate("guest_feed", "x", {"word": "<1>"}) == "word must be letters, not <1>"


def test_an_unknown_scheme_is_refused(inputs: ModularInputs) -> None:
    with pytest.raises(InputFailed, match="no app brings the modular input nothing"):
        inputs.scheme("nothing")


def test_a_run_indexes_events_with_system_rights(inputs: ModularInputs, splunkd: Splunkd) -> None:
    run = inputs.run_once(instance(inputs, "often"))
    assert (run.exit_code, run.events) == (0, 2)
    system = splunkd.access.identify(run.stderr.split()[-1])
    assert system is not None and system.user == "splunk-system-user"
    assert any(
        'INFO  ExecProcessor - message from "guest_feed.py"' in line for line in inputs.host.log.lines("ExecProcessor")
    )
    by_raw = {event.raw: event for event in events(splunkd)}
    first, second = by_raw["tick <b>"], by_raw["half whole"]
    assert (first.time, first.sourcetype, first.source) == (1700000000.5, "guest:thing", "guest.py")
    assert (second.sourcetype, second.source) == ("guest:other", "guest_feed://often")


def test_events_for_an_index_that_does_not_exist_are_dropped_with_a_word(
    inputs: ModularInputs, splunkd: Splunkd
) -> None:
    splunkd.confs.set("inputs", "guest", "guest_feed://often", {"index": "nowhere"})
    inputs.run_once(instance(inputs, "often"))
    assert events(splunkd) == []
    assert any("index nowhere does not exist" in line for line in inputs.host.log.lines("IndexProcessor"))


def test_the_schedule_runs_each_instance_at_its_interval(inputs: ModularInputs, host: Host) -> None:
    file = host.home / "var/lib/splunk/modinputs/guest_feed/runs"

    def ran(name: str) -> int:
        return file.read_text().splitlines().count(f"guest_feed://{name}") if file.exists() else 0

    schedule = InputSchedule(inputs).start()
    try:
        eventually(lambda: ran("often") >= 2 and ran("once") >= 1)
    finally:
        schedule.stop()
    assert ran("once") == schedule.runs("guest_feed://once") == 1
    assert ran("off") == schedule.runs("guest_feed://off") == 0


def test_a_killed_input_comes_back_and_a_disabled_one_ends(inputs: ModularInputs, splunkd: Splunkd, host: Host) -> None:
    script = host.app_folder("guest") / "bin" / "guest_feed.py"
    patient = "    import time; time.sleep(60)\n    checkpoint ="
    script.write_text(script.read_text().replace("    checkpoint =", patient))
    schedule = InputSchedule(inputs).start()
    try:
        first = eventually(lambda: schedule.process("guest_feed://often"))
        os.kill(first.pid, signal.SIGKILL)
        second = eventually(lambda: (now := schedule.process("guest_feed://often")) and now.pid != first.pid and now)
        splunkd.confs.set("inputs", "guest", "guest_feed://often", {"disabled": "1"})
        eventually(lambda: second.poll() is not None)
        # Ended is not yet noticed: the schedule looks at its processes now and then.
        assert eventually(lambda: schedule.process("guest_feed://often") is None)
    finally:
        schedule.stop()


def test_a_scheme_of_a_single_instance_gets_one_process_for_all_and_a_new_one_when_that_changes(
    inputs: ModularInputs, splunkd: Splunkd, host: Host
) -> None:
    script = host.app_folder("guest") / "bin" / "guest_feed.py"
    source = script.read_text().replace("<use_single_instance>false", "<use_single_instance>true")
    source = source.replace(
        'stanza = root.find("configuration/stanza")', 'stanzas = root.findall("configuration/stanza")'
    )
    head, _, _ = source.partition('    values = {p.get("name")')
    script.write_text(
        head + '    print("<stream><event><data>%s</data></event></stream>"'
        ' % " ".join(s.get("name") for s in stanzas), flush=True)\n    import time; time.sleep(60)\n'
    )
    schedule = InputSchedule(inputs).start()
    try:
        first = eventually(lambda: schedule.process("guest_feed"))
        assert eventually(lambda: [event.raw for event in events(splunkd)]) == ["guest_feed://often guest_feed://once"]
        splunkd.confs.set("inputs", "guest", "guest_feed://off", {"disabled": "0"})
        eventually(lambda: first.poll() is not None)
        everything = "guest_feed://often guest_feed://once guest_feed://off"
        eventually(lambda: everything in [event.raw for event in events(splunkd)])
        assert schedule.runs("guest_feed://often") == 0
    finally:
        schedule.stop()


@pytest.mark.parametrize(
    ("interval", "last", "expected"),
    [
        ("60", None, 1000.0),
        ("60", 990.0, 1050.0),
        ("0", 990.0, 990.0),
        ("-1", None, 1000.0),
        ("-1", 990.0, math.inf),
        ("*/5 * * * *", None, 1200.0),
        ("*/5 * * * *", 1200.0, 1500.0),
    ],
)
def test_when_an_instance_is_due(interval: str, last: float | None, expected: float) -> None:
    assert next_start(interval, last, 1000.0) == expected


def test_a_bad_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="interval = soon"):
        next_start("soon", None, 0.0)


def test_output_that_breaks_off_keeps_the_events_before_it() -> None:
    kept: list[InputEvent] = []
    place = {"index": "main", "sourcetype": "s", "source": "x", "host": "h"}
    stream = EventStream(kept.append, lambda stanza: place)
    stream.feed(b"<stream><event><data>one</data></event><event unbroken='1'><data>tw")
    stream.feed(b"o</data></event>")
    with pytest.raises(ValueError, match="not a stream of events"):
        stream.feed(b"<oops</stream>")
    stream.close()
    assert [event.raw for event in kept] == ["one", "two"]
