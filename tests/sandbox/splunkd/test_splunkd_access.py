"""Login, sessions, users, roles and capabilities."""

from __future__ import annotations

import pytest
import requests
from splunkd_clients import MakeApp, Rest, connect, text_of
from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError

from sandbox.splunkd import Splunkd


def test_login_gives_a_session_and_a_wrong_password_does_not(splunkd: Splunkd, service: client.Service) -> None:
    assert service.info["version"]
    with pytest.raises(AuthenticationError):
        connect(splunkd, "admin", "wrong")


def test_requests_without_a_session_are_refused(splunkd: Splunkd) -> None:
    answer = requests.get(f"{splunkd.uri}/services/apps/local?output_mode=json", timeout=30)
    assert answer.status_code == 401
    assert answer.json() == {"messages": [{"type": "WARN", "text": "call not properly authenticated"}]}


@pytest.mark.parametrize("scheme", ["Splunk", "Bearer"])
def test_a_session_key_is_taken_in_both_schemes(splunkd: Splunkd, scheme: str) -> None:
    answer = requests.get(
        f"{splunkd.uri}/services/authentication/current-context?output_mode=json",
        headers={"Authorization": f"{scheme} {splunkd.session_key('alice')}"},
        timeout=30,
    )
    content = answer.json()["entry"][0]["content"]
    assert (content["username"], content["roles"]) == ("alice", ["user"])


def test_the_system_token_may_do_everything(splunkd: Splunkd) -> None:
    context = client.connect(host="127.0.0.1", port=splunkd.port, scheme="http", token=splunkd.system_token)
    assert context.storage_passwords.list() == []


def test_users_are_made_changed_and_removed_through_the_sdk(splunkd: Splunkd, service: client.Service) -> None:
    bob = service.users.create("bob", password="first-password", roles=["user"])
    assert bob.content["roles"] == ["user"]
    bob.update(password="second-password", roles=["power"]).refresh()
    assert bob.content["roles"] == ["power"]
    assert connect(splunkd, "bob", "second-password").info
    with pytest.raises(HTTPError, match="409"):
        service.users.create("bob", password="x", roles=["user"])
    service.users.delete("bob")
    with pytest.raises(AuthenticationError):
        connect(splunkd, "bob", "second-password")


def test_roles_hand_down_capabilities(service: client.Service, splunkd: Splunkd) -> None:
    service.roles.create("auditor", imported_roles=["user"])
    service.roles["auditor"].grant("list_storage_passwords")
    service.users.create("carol", password="carols-password", roles=["auditor"])
    rights = splunkd.user("carol")
    assert rights.may("list_storage_passwords") and rights.may("search")
    assert not rights.may("edit_storage_passwords")
    service.roles["auditor"].revoke("list_storage_passwords")
    assert not splunkd.user("carol").may("list_storage_passwords")


def test_an_app_brings_roles_and_capabilities(splunkd: Splunkd, make_app: MakeApp) -> None:
    splunkd.install_app(
        make_app(
            "guarded",
            {
                "default/authorize.conf": (
                    "[capability::guarded_run]\n[role_guardian]\nimportRoles = user\nguarded_run = enabled\n"
                )
            },
        )
    )
    splunkd.access.add_user("dora", "doras-password", ["guardian"])
    assert splunkd.user("dora").may("guarded_run")
    assert not splunkd.user("alice").may("guarded_run")
    assert not splunkd.user("admin").may("guarded_run"), "admin has a capability only when a role of his grants it"


@pytest.mark.parametrize(
    ("method", "path", "data", "capability"),
    [
        ("POST", "/services/authentication/users", {"name": "x", "password": "y", "roles": "user"}, "edit_user"),
        ("POST", "/services/authorization/roles", {"name": "x"}, "edit_roles"),
        ("POST", "/services/apps/local", {"name": "x"}, "admin_all_objects"),
        ("GET", "/servicesNS/nobody/search/storage/passwords", None, "list_storage_passwords"),
        (
            "POST",
            "/servicesNS/nobody/search/storage/passwords",
            {"name": "x", "password": "y"},
            "edit_storage_passwords",
        ),
        ("POST", "/services/receivers/simple", "an event", "edit_tcp"),
        ("POST", "/services/data/indexes", {"name": "x"}, "indexes_edit"),
    ],
)
def test_capabilities_are_enforced(alice: Rest, method: str, path: str, data: object, capability: str) -> None:
    answer = alice(method, path, data=data)
    assert answer.status_code == 403
    assert text_of(answer) == (
        f"You (user=alice) do not have permission to perform this operation (requires capability: {capability})."
    )
