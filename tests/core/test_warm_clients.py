"""Clients are kept warm, one for each entry of the setup page, and not for ever."""

from __future__ import annotations

import gc
import weakref

import pytest
from responder.engine import services as services_module
from responder.engine.services import Services
from responder.settings.model import Http, JiraSite, SlackWorkspace
from responder.settings.secret import Secret


def site(name: str, token: str = "token") -> JiraSite:
    return JiraSite(name, "datacenter", "https://jira.example.com", token=Secret(token))


def test_an_entry_has_one_client_until_its_settings_change_and_the_old_one_is_forgotten() -> None:
    services = Services()
    first = services.tickets(site("a"), Http())
    assert services.tickets(site("a"), Http()) is first
    forgotten = weakref.ref(first)
    assert services.tickets(site("a", "another"), Http()) is not first
    del first
    gc.collect()
    assert forgotten() is None, "the old credential stays in memory"


def test_entries_of_different_services_with_one_name_have_clients_of_their_own() -> None:
    services = Services()
    workspace = SlackWorkspace("a", "bot", bot_token=Secret("xoxb-1"))
    chat, tickets = services.chat(workspace, Http()), services.tickets(site("a"), Http())
    assert services.chat(workspace, Http()) is chat and services.tickets(site("a"), Http()) is tickets


def test_of_many_entries_those_that_were_used_last_stay_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "MOST_CLIENTS", 3)
    services = Services()
    first, second = services.tickets(site("1"), Http()), services.tickets(site("2"), Http())
    for name in ("3", "1", "4"):
        services.tickets(site(name), Http())
    assert services.tickets(site("1"), Http()) is first
    assert services.tickets(site("2"), Http()) is not second
