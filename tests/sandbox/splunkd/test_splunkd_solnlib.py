"""solnlib, as UCC's handlers use it, talks to the stand-in unmodified."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.splunkd import Splunkd

acl = pytest.importorskip("solnlib.acl", reason="solnlib is not installed")
checkpointer = pytest.importorskip("solnlib.modular_input.checkpointer", reason="solnlib is not installed")
conf_manager = pytest.importorskip("solnlib.conf_manager", reason="solnlib is not installed")
credentials = pytest.importorskip("solnlib.credentials", reason="solnlib is not installed")
server_info = pytest.importorskip("solnlib.server_info", reason="solnlib is not installed")
user_access = pytest.importorskip("solnlib.user_access", reason="solnlib is not installed")


def where(splunkd: Splunkd) -> dict[str, Any]:
    return {"scheme": "http", "host": "127.0.0.1", "port": splunkd.port}


def test_conf_manager_with_encrypted_fields(splunkd: Splunkd) -> None:
    manager = conf_manager.ConfManager(splunkd.session_key("admin"), "search", **where(splunkd))
    with pytest.raises(conf_manager.ConfManagerException):
        manager.get_conf("my_account")
    conf = manager.create_conf("my_account")
    conf.update("one", {"url": "https://a", "token": "s3cr3t" * 100}, ["token"])
    stanza = manager.get_conf("my_account").get("one")
    assert (stanza["url"], stanza["token"]) == ("https://a", "s3cr3t" * 100)
    assert splunkd.conf("my_account", "search")["one"]["token"] == "******"
    assert list(manager.get_conf("my_account").get_all()) == ["one"]
    conf.delete("one")
    assert not conf.stanza_exist("one")


def test_credential_manager(splunkd: Splunkd) -> None:
    manager = credentials.CredentialManager(
        splunkd.session_key("admin"), "search", owner="nobody", realm="a#b/c", **where(splunkd)
    )
    manager.set_password("user", "first")
    manager.set_password("user", "x" * 600)
    assert manager.get_password("user") == "x" * 600
    manager.delete_password("user")
    with pytest.raises(credentials.CredentialNotExistException):
        manager.get_password("user")


def test_server_info_is_a_standalones(splunkd: Splunkd) -> None:
    info = server_info.ServerInfo(splunkd.session_key("admin"), **where(splunkd))
    assert info.server_name == "sandbox" and info.is_search_head()
    assert not info.is_shc_member() and not info.is_cloud_instance()


def test_user_access(splunkd: Splunkd) -> None:
    key = splunkd.session_key("alice")
    assert user_access.get_current_username(key, **where(splunkd)) == "alice"
    assert "search" in user_access.get_user_capabilities(key, "alice", **where(splunkd))


def test_conf_manager_in_a_users_own_context(splunkd: Splunkd) -> None:
    own = conf_manager.ConfManager(splunkd.session_key("alice"), "search", owner="alice", **where(splunkd))
    own.create_conf("prefs").update("view", {"rows": "20"})
    assert own.get_conf("prefs").get("view")["rows"] == "20"
    shared = conf_manager.ConfManager(splunkd.session_key("admin"), "search", owner="nobody", **where(splunkd))
    with pytest.raises(conf_manager.ConfManagerException):
        shared.get_conf("prefs")
    assert (splunkd.home / "etc/users/alice/search/local/prefs.conf").exists()


def test_a_checkpointer_on_the_kv_store(splunkd: Splunkd) -> None:
    keeper = checkpointer.KVStoreCheckpointer("marks", splunkd.session_key("admin"), "search", **where(splunkd))
    keeper.update("feed", {"at": 17})
    keeper.batch_update([{"_key": "other", "state": [1, 2]}])
    assert (keeper.get("feed"), keeper.get("other"), keeper.get("absent")) == ({"at": 17}, [1, 2], None)
    keeper.delete("feed")
    assert keeper.get("feed") is None


def test_acl_manager_on_an_object_and_on_all_of_a_kind(splunkd: Splunkd) -> None:
    settings = conf_manager.ConfManager(splunkd.session_key("admin"), "search", **where(splunkd))
    settings.create_conf("prefs").update("view", {"rows": "20"})
    manager = acl.ACLManager(splunkd.session_key("admin"), "search", **where(splunkd))
    assert manager.get("configs/conf-prefs/view/acl")["perms"]["write"] == ["admin"]
    every = manager.update("configs/conf-prefs/_acl", perms_write=["power"])
    assert (every["sharing"], every["perms"]) == ("app", {"read": ["*"], "write": ["power"]})
    assert manager.get("configs/conf-prefs/view/acl")["perms"]["write"] == ["power"], "it has none of its own"
    own = manager.update("configs/conf-prefs/view/acl", owner="alice", perms_write=["user"])
    assert (own["owner"], own["perms"]["write"]) == ("alice", ["user"])
    assert manager.get("configs/conf-prefs/_acl")["perms"]["write"] == ["power"]
