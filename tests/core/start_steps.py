"""Getting started at its endpoints, as the steps of the page ask them."""

from __future__ import annotations

from typing import Any

import pytest
from responder.findings import shipped
from responder.splunk import saved_searches as searches
from responder.splunk.client import Splunkd as Client
from responder.starting import choice
from responder.starting.ledger import START

PACK = "ransomware"
NAMES = ("actions", "disabled", "is_scheduled", "action.responder_create_ticket.param.project")
NOTHING = {"ticket": False, "slack": False, "remediation": ""}
TICKETS = {severity: {**NOTHING, "ticket": True} for severity in choice.SEVERITIES}


def know(app_dir: Any, patch: pytest.MonkeyPatch) -> None:
    """The list that the build has made: this process runs the sources."""
    patch.setattr(shipped, "FILE", app_dir / "bin/responder/findings/shipped.json")
    shipped._read.cache_clear()


def ask(core: Any, name: str, user: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
    name, user = f"start_{name}" if name else "start", user or core.splunkd.admin[0]
    session = {"user": user, "authtoken": core.splunkd.session_key(user)}
    status, answer = core.post(name, body, user=user, session=session)
    return status, answer


def choose(core: Any, pack: str = PACK, responses: Any = None, **names: str) -> int:
    revision = ask(core, "")[1]["choice"]["revision"]
    body = {"pack": pack, "responses": responses or TICKETS, "project": "SEC", **names, "revision": revision}
    status, answer = ask(core, "choice", **body)
    assert status == 200, answer
    return int(answer["revision"])


def arm(core: Any, **body: Any) -> tuple[int, dict[str, Any]]:
    revision = ask(core, "")[1]["choice"]["revision"]
    return ask(core, "arm", **{"revision": revision, **body})


def undo(core: Any) -> None:
    status, answer = ask(core, "arm", undo=True)
    assert (status, answer) == (200, {"left": 0})


def stands(core: Any) -> dict[str, dict[str, str]]:
    """Every saved search of the app, as far as it may be changed here."""
    own = Client(core.splunkd.uri, core.splunkd.session_key(core.splunkd.admin[0]))
    feed = own.get_json("saved/searches", {"output_mode": "json", "count": 0})
    return {entry["name"]: searches.Stands("", entry["content"]).of(NAMES) for entry in feed["entry"]}


def change(core: Any, name: str, **settings: str) -> None:
    own = Client(core.splunkd.uri, core.splunkd.session_key(core.splunkd.admin[0]))
    searches.write(own, name, settings)


def of_pack(name: str = PACK) -> list[str]:
    return [shipped.detections()[one].search_name for one in choice.pack_of(name).detections]


def states(core: Any) -> dict[str, str]:
    return {one["name"]: one["state"] for one in core.documents(START) if one.get("kind") in ("search", "entry")}


def stopped_at(core: Any, where: str, **body: Any) -> None:
    """The process ends at its first change: before the request, or before its outcome is written down."""
    real = searches.write

    def stopped(own: Any, name: str, settings: Any) -> Any:
        if where == "after":
            real(own, name, settings)
        raise SystemExit("the process was stopped")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "write", stopped)
        with pytest.raises(SystemExit):
            arm(core, **body)
