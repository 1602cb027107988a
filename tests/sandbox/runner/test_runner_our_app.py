"""The built app's own input runs by the protocol, on each of Splunk's Pythons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.runner import interpreters
from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd


@pytest.fixture(params=interpreters.VERSIONS)
def runner(request: pytest.FixtureRequest, built_app: Path, tmp_path: Path) -> Iterator[Runner]:
    try:
        interpreters.find(request.param)
    except interpreters.InterpreterNotFound as error:
        pytest.skip(str(error))
    with Splunkd(tmp_path / "splunk") as splunkd, Runner(splunkd, request.param) as found:
        splunkd.install_app(built_app)
        yield found


def test_the_worker_introduces_itself_validates_and_runs(runner: Runner) -> None:
    scheme = runner.inputs.scheme("responder_worker")
    assert (scheme.app, scheme.single_instance, scheme.streaming_mode) == ("cloudtrail_responder", False, "xml")
    assert "between 10 and 3600" in str(runner.inputs.validate("responder_worker", "x", {"interval": "5"}))
    assert runner.inputs.validate("responder_worker", "x", {"interval": "60"}) is None
    (worker,) = [item for item in runner.inputs.instances() if item.scheme == "responder_worker"]
    done = runner.inputs.run_once(worker)
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, "INFO tasks=0 owed=0")
    assert not worker.disabled


def test_a_persistent_endpoint_refuses_who_lacks_the_capability(runner: Runner) -> None:
    splunkd = runner.host.splunkd
    url = f"{splunkd.uri}/servicesNS/nobody/cloudtrail_responder/cloudtrail_responder/execute"
    answers = {}
    for user in ("admin", "plain"):
        splunkd.access.add_user("plain", "plain-password", ["user"])  # type: ignore[attr-defined]
        headers = {"Authorization": f"Splunk {splunkd.session_key(user)}"}
        answers[user] = requests.post(url, json={"tasks": []}, headers=headers, timeout=60).status_code
    assert answers == {"admin": 200, "plain": 403}
