"""An app's own REST handlers run in warm processes of their own."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.splunkd import Splunkd
from tests.eventually import eventually

ASK = {"script": "guest_rest.py", "handler": "guest_rest.Ask"}


def send(handlers: AppHandlers, **payload: Any) -> tuple[int, Any]:
    status, _, body = handlers.persistent("guest", ASK, {"payload": json.dumps(payload)})
    return status, json.loads(body)


def test_a_persistent_handler_answers_and_stays_warm(handlers: AppHandlers) -> None:
    status, first = send(handlers)
    _, second = send(handlers)
    assert (status, first["served"], second["served"]) == (201, 1, 2)
    assert first["pid"] == second["pid"] == handlers.processes("guest")[0].pid


def test_a_killed_process_is_started_again(handlers: AppHandlers) -> None:
    _, first = send(handlers)
    handlers.processes("guest")[0].kill()
    status, second = send(handlers)
    assert status == 201 and second["pid"] != first["pid"]


def test_an_app_installed_anew_gets_a_fresh_process(handlers: AppHandlers, host: Host) -> None:
    _, first = send(handlers)
    script = host.app_folder("guest") / "bin" / "guest_rest.py"
    script.write_text(script.read_text().replace("self.served += 1", "self.served += 10"))
    _, second = send(handlers)
    assert (second["served"], second["pid"] != first["pid"], len(handlers.processes())) == (10, True, 1)


def test_dying_in_the_middle_of_a_request_is_an_error_of_that_request_only(handlers: AppHandlers) -> None:
    status, answer = send(handlers, die=True)
    assert status == 500 and "exit code 9" in answer["messages"][0]["text"]
    assert send(handlers)[0] == 201


def test_an_exception_is_an_error_and_the_process_lives_on(handlers: AppHandlers, host: Host) -> None:
    _, before = send(handlers)
    status, answer = send(handlers, **{"raise": True})
    assert status == 500 and "asked to fail" in answer["messages"][0]["text"]
    assert send(handlers)[1]["pid"] == before["pid"]
    # A thread of its own carries what the script writes into the log.
    eventually(lambda: any("ValueError: asked to fail" in line for line in host.log.lines("PersistentScript")))


def test_a_busy_handler_gets_company(handlers: AppHandlers) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(send(handlers, sleep=0.7))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [201, 201]
    assert len({answer["pid"] for _, answer in answers}) == 2


def test_stop_ends_every_process(handlers: AppHandlers) -> None:
    send(handlers)
    (process,) = handlers.processes()
    handlers.stop()
    assert process.popen.returncode == 0 and handlers.processes() == []


def test_a_script_that_cannot_be_loaded_is_named(handlers: AppHandlers) -> None:
    status, _, body = handlers.persistent("guest", {**ASK, "handler": "guest_rest.Nothing"}, {})
    assert status == 500 and b"Nothing" in body


def admin(handlers: AppHandlers, action: str, name: str | None = None, **args: str) -> tuple[int, Any]:
    return handlers.admin(
        "guest", "guest_things", action, name, {key: [value] for key, value in args.items()}, "no-session", "admin"
    )


def test_an_admin_external_handler_lists_and_creates(handlers: AppHandlers) -> None:
    status, entries = admin(handlers, "list")
    assert status == 200
    assert [(entry.name, entry.content, entry.acl.app) for entry in entries] == [("one", {"color": "red"}, "guest")]
    status, (created,) = admin(handlers, "create", "two", color="blue", size="3")
    assert (created.name, created.content) == ("two", {"color": "blue"})


@pytest.mark.parametrize(
    ("action", "name", "args", "status", "text"),
    [
        ("create", "x", {}, 400, "The following required arguments are missing: color."),
        ("create", "x", {"color": "red", "shape": "round"}, 400, 'Argument "shape" is not supported by this handler.'),
        ("remove", "x", {}, 405, "not allowed"),
        ("list", "bad", {}, 404, "no such thing"),
        ("list", "odd", {}, 500, """Unexpected error "<class 'RuntimeError'>" from python handler: "odd thing"."""),
    ],
)
def test_what_an_admin_handler_refuses(
    handlers: AppHandlers, action: str, name: str, args: dict[str, str], status: int, text: str
) -> None:
    found, problem = admin(handlers, action, name, **args)
    assert found == status and text in problem


def test_both_kinds_answer_over_splunkds_rest_api(handlers: AppHandlers, splunkd: Splunkd) -> None:
    key = splunkd.session_key("admin")

    def request(path: str, body: bytes | None = None) -> Any:
        wanted = urllib.request.Request(
            f"{splunkd.uri}/servicesNS/nobody/guest/{path}?output_mode=json",
            body,
            {"Authorization": f"Splunk {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(wanted, timeout=30) as answer:
            return json.loads(answer.read())

    seen = request("guest/ask", b'{"a": 1}')["request"]
    assert seen["payload"] == '{"a": 1}' and seen["method"] == "POST" and seen["rest_path"] == "/guest/ask"
    assert seen["session"]["user"] == "admin" and seen["server"]["rest_uri"] == splunkd.uri
    system = splunkd.access.identify(seen["system_authtoken"])
    assert system is not None and system.user == "splunk-system-user"
    assert [entry["name"] for entry in request("guest_things")["entry"]] == ["one"]


def test_a_handler_of_old_answers_over_splunkds_rest_api(handlers: AppHandlers, splunkd: Splunkd) -> None:
    """``scripttype = python``, which is the default: a class on ``BaseRestHandler``, in a process for each request."""

    def ask(path: str, body: bytes | None = None) -> Any:
        key = {"Authorization": f"Splunk {splunkd.session_key('admin')}"}
        return urllib.request.urlopen(urllib.request.Request(f"{splunkd.uri}/services/guest/old{path}", body, key))

    answers = [ask("/thing") for _ in range(2)]
    assert [(answer.status, answer.headers["Content-Type"], answer.headers["X-Who"]) for answer in answers] == [
        (202, "text/plain", "admin")
    ] * 2
    (one, *rest), (other, *_) = [answer.read().decode().split() for answer in answers]
    assert rest == ["thing", "200"] and one != other
    assert ask("", b"color=red").read() == b"color=red red"
    for path, method, status in (("?gone=1", "GET", 404), ("", "DELETE", 405)):
        with pytest.raises(urllib.error.HTTPError) as error:
            key = {"Authorization": f"Splunk {splunkd.session_key('admin')}"}
            url = f"{splunkd.uri}/services/guest/old{path}"
            urllib.request.urlopen(urllib.request.Request(url, headers=key, method=method))
        assert error.value.code == status
    assert handlers.processes() == []
