"""``sendalert`` in a search runs an alert action over the rows so far, and passes them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.runner.alerts import AlertActions
from sandbox.runner.host import Host
from sandbox.splunkd import Splunkd
from spl import SplRejected, SplUnsupported

Seen = Callable[[], list[dict[str, Any]]]
ROWS = '| makeresults | eval user="eve", ids=split("a,b", ",")'


@pytest.fixture
def alerting(host: Host) -> Any:
    host.splunkd.send_alert = AlertActions(host).send
    return host.splunkd


def test_the_action_gets_rows_parameters_and_the_searchers_session(alerting: Splunkd, seen: Seen) -> None:
    spl = f'{ROWS} | sendalert guest_echo param.greeting="hello \\"you\\"" | eval after="yes"'
    (row,) = alerting.search(spl, owner="admin", app="search").rows
    assert (row["user"], row["after"]) == ("eve", "yes")
    (started,) = seen()
    assert started["payload"]["configuration"]["greeting"] == 'hello "you"'
    assert (started["payload"]["owner"], started["payload"]["search_name"]) == ("admin", "")
    assert started["rows"][0]["ids"] == "a\nb"


def test_an_action_that_fails_fails_the_search(alerting: Splunkd) -> None:
    with pytest.raises(SplRejected, match="returned error code 3"):
        alerting.search(f"{ROWS} | sendalert guest_echo param.exit=3", owner="admin")


@pytest.mark.parametrize(
    ("spl", "reason"),
    [
        ("| sendalert guest_echo", "first"),
        (f"{ROWS} | sendalert", "missing"),
        (f"{ROWS} | sendalert guest_echo nonsense=1", "Invalid argument 'nonsense'"),
        (f"{ROWS} | sendalert no_such_action", "no_such_action"),
    ],
)
def test_what_splunk_would_refuse_is_refused(alerting: Splunkd, spl: str, reason: str) -> None:
    with pytest.raises(SplRejected, match=reason):
        alerting.search(spl, owner="admin")


def test_without_a_runner_it_is_no_command(host: Host) -> None:
    with pytest.raises(SplUnsupported):
        host.splunkd.search(f"{ROWS} | sendalert guest_echo", owner="admin")
