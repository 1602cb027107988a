"""Private configuration: whose it is, who sees it, what it goes over, and how it is shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from splunkd_clients import MakeApp, Rest, connect, text_of

from sandbox.splunkd import Splunkd


def conf(owner: str, app: str = "layered", name: str = "") -> str:
    return f"/servicesNS/{owner}/{app}/configs/conf-settings" + (f"/{name}" if name else "")


@pytest.fixture
def layered(splunkd: Splunkd, make_app: MakeApp) -> Splunkd:
    """An app whose settings are shared, that alice may not write; bob is another user."""
    files = {
        "default/settings.conf": "[default]\ncolor = gray\n[shipped]\nsize = 1\n",
        "local/settings.conf": "[shared]\nsize = 2\n",
        "metadata/default.meta": "[]\naccess = read : [ * ], write : [ power ]\n",
    }
    splunkd.install_app(make_app("layered", files))
    splunkd.access.add_user("bob", "bob-password", ["user"])
    return splunkd


def local(splunkd: Splunkd, user: str) -> Path:
    return splunkd.home / "etc" / "users" / user / "layered" / "local" / "settings.conf"


def values(rest: Rest, path: str) -> dict[str, Any]:
    (entry,) = rest("GET", path).json()["entry"]
    return {key: value for key, value in entry["content"].items() if key in ("size", "color")}


def names(rest: Rest, path: str) -> list[str]:
    return [entry["name"] for entry in rest("GET", path, count=0).json()["entry"]]


def test_what_a_user_writes_is_his_own(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    made = alice("POST", conf("alice"), data={"name": "mine", "size": "3"})
    assert made.status_code == 201
    acl = made.json()["entry"][0]["acl"]
    assert (acl["sharing"], acl["owner"], acl["app"], acl["perms"]) == ("user", "alice", "layered", None)
    assert local(layered, "alice").read_text() == "[mine]\nsize = 3\n"
    assert "mine" not in names(rest, conf("nobody")) and "mine" not in layered.conf("settings", "layered")
    assert made.json()["entry"][0]["links"]["edit"] == conf("alice", name="mine")


def test_others_see_none_of_it_and_who_may_do_everything_sees_all(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    alice("POST", conf("alice"), data={"name": "mine"})
    bob = Rest(layered, "bob")
    for owner in ("bob", "alice", "nobody", "-"):
        assert "mine" not in names(bob, conf(owner)) and bob("GET", conf(owner, name="mine")).status_code == 404
    assert "mine" not in names(bob, conf("-", "-"))
    for owner, app in (("alice", "layered"), ("-", "layered"), ("-", "-"), ("alice", "-")):
        assert "mine" in names(rest, conf(owner, app)) and "mine" in names(alice, conf(owner, app))
    assert "mine" not in names(rest, conf("admin")) and "mine" not in names(alice, conf("alice", "search"))


def test_a_users_own_goes_over_the_app_and_inherits_its_defaults(layered: Splunkd, alice: Rest) -> None:
    before = values(alice, conf("alice", name="shipped"))
    assert before == {"size": "1", "color": "gray"}
    assert alice("POST", conf("alice", name="shipped"), data={"size": "9"}).status_code == 200
    assert values(alice, conf("alice", name="shipped")) == {"size": "9", "color": "gray"}
    assert values(alice, conf("nobody", name="shipped")) == before
    assert values(Rest(layered, "bob"), conf("bob", name="shipped")) == before


def test_what_is_removed_is_the_users_own_and_what_was_below_shows_again(layered: Splunkd, alice: Rest) -> None:
    alice("POST", conf("alice", name="shared"), data={"size": "9"})
    assert alice("DELETE", conf("alice", name="shared")).status_code == 200
    assert values(alice, conf("alice", name="shared"))["size"] == "2"
    assert alice("DELETE", conf("alice", name="shared")).status_code == 403, "it is not hers"
    assert layered.conf("settings", "layered")["shared"]["size"] == "2"


def test_nobody_writes_in_another_users_name_but_who_may_do_everything(layered: Splunkd, rest: Rest) -> None:
    answer = Rest(layered, "bob")("POST", conf("alice"), data={"name": "x"})
    assert answer.status_code == 403 and "private configuration of 'alice'" in text_of(answer)
    assert not local(layered, "alice").exists()
    assert rest("POST", conf("alice"), data={"name": "x"}).status_code == 201 and local(layered, "alice").exists()
    assert rest("POST", conf("who"), data={"name": "x"}).status_code == 404


def test_the_same_name_twice_is_a_conflict_only_among_ones_own(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    assert [alice("POST", conf("alice"), data={"name": "shared"}).status_code for _ in range(2)] == [201, 409]
    assert Rest(layered, "bob")("POST", conf("bob"), data={"name": "shared"}).status_code == 201
    found = rest("GET", conf("-"), count=0).json()["entry"]
    owners = [entry["acl"]["owner"] for entry in found if entry["name"] == "shared"]
    assert sorted(owners) == ["alice", "bob", "nobody"]


def test_properties_are_the_same_files(layered: Splunkd, alice: Rest) -> None:
    base = "/servicesNS/alice/layered/properties"
    assert alice("POST", f"{base}/settings/shipped/size", data={"value": "7"}).status_code == 200
    assert alice("GET", f"{base}/settings/shipped/size").text == "7"
    assert alice("GET", f"{base.replace('alice', 'nobody')}/settings/shipped/size").text == "1"


def test_searches_of_a_user_take_his_own_macro(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    path = "/servicesNS/{}/layered/configs/conf-macros"
    rest("POST", path.format("nobody"), data={"name": "who", "definition": '"all"'})
    alice("POST", path.format("alice"), data={"name": "who", "definition": '"alice"'})
    spl = "| makeresults | eval who=`who` | table who"
    assert layered.search(spl, owner="alice", app="layered").rows == [{"who": "alice"}]
    assert layered.search(spl, owner="bob", app="layered").rows == [{"who": "all"}]


def test_a_private_saved_search_of_the_sdk(layered: Splunkd) -> None:
    service = connect(layered, "alice", "alice-password")
    own = service.saved_searches.create("mine", "| makeresults", owner="alice", app="layered", sharing="user")
    assert own.access["sharing"] == "user" and own.access["owner"] == "alice"
    assert own.dispatch().sid in [past.sid for past in own.history()]
    own.update(description="changed").refresh()
    assert own["description"] == "changed"
    assert (layered.home / "etc/users/alice/layered/local/savedsearches.conf").exists()


# --- sharing ----------------------------------------------------------------------------------------------------------


def share(rest: Rest, path: str, **acl: str) -> int:
    return rest("POST", f"{path}/acl", data={key.replace("_", "."): value for key, value in acl.items()}).status_code


def test_sharing_moves_what_was_private_into_the_app(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    alice("POST", conf("alice"), data={"name": "mine", "size": "3"})
    assert share(alice, conf("alice", name="mine"), sharing="app", owner="alice") == 403, "she may not write in the app"
    layered.access.edit_user("alice", {"roles": ["power"]})
    assert share(alice, conf("alice", name="mine"), sharing="global", owner="alice", perms_read="*") == 200
    assert layered.conf("settings", "layered")["mine"]["size"] == "3"
    assert "mine" not in local(layered, "alice").read_text()
    (entry,) = Rest(layered, "bob")("GET", conf("bob", name="mine")).json()["entry"]
    assert (entry["acl"]["sharing"], entry["acl"]["owner"]) == ("global", "alice")
    assert layered.conf("settings", "search")["mine"]["size"] == "3", "exported"


def test_what_is_shared_becomes_one_users_own(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    assert share(rest, conf("nobody", name="shared"), sharing="user", owner="alice") == 200
    assert "shared" not in layered.conf("settings", "layered")
    assert values(alice, conf("alice", name="shared"))["size"] == "2"
    assert "shared" not in names(Rest(layered, "bob"), conf("bob"))


@pytest.mark.parametrize(
    ("name", "acl", "status"),
    [
        ("shared", {"sharing": "user"}, 400),
        ("shared", {"owner": "alice"}, 400),
        ("shared", {"sharing": "all", "owner": "alice"}, 400),
        ("shared", {"sharing": "user", "owner": "who"}, 400),
        ("shared", {"sharing": "user", "owner": "nobody"}, 400),
        ("shared", {"sharing": "user", "owner": "alice", "perms.read": "*"}, 400),
        ("shared", {"sharing": "app", "owner": "nobody", "perms.execute": "*"}, 400),
        ("shipped", {"sharing": "user", "owner": "alice"}, 400),
        ("absent", {"sharing": "user", "owner": "alice"}, 404),
    ],
)
def test_what_cannot_be_shared_so_is_refused(layered: Splunkd, rest: Rest, name: str, acl: Any, status: int) -> None:
    assert rest("POST", f"{conf('nobody', name=name)}/acl", data=acl).status_code == status
    assert layered.conf("settings", "layered")["shared"]["size"] == "2"


def test_what_would_meet_its_like_stays_where_it_is(layered: Splunkd, rest: Rest) -> None:
    rest("POST", conf("alice"), data={"name": "shared", "size": "9"})
    assert share(rest, conf("alice", name="shared"), sharing="app", owner="alice") == 409
    assert share(rest, conf("nobody", name="shared"), sharing="user", owner="alice") == 409
    assert layered.conf("settings", "layered")["shared"]["size"] == "2" and "9" in local(layered, "alice").read_text()


def test_the_sdk_shares_and_hands_over(layered: Splunkd) -> None:
    service = connect(layered, app="layered")
    search = service.saved_searches.create("theirs", "| makeresults")
    search.acl_update(sharing="app", owner="alice", **{"perms.read": "power, user"})
    assert (search.access["owner"], search.access["perms"]["read"]) == ("alice", ["power", "user"])


# --- collections ------------------------------------------------------------------------------------------------------

COLLECTIONS = "/servicesNS/nobody/layered/storage/collections"


def test_a_collection_is_made_changed_and_removed(layered: Splunkd, rest: Rest) -> None:
    assert rest("POST", f"{COLLECTIONS}/config", data={"name": "c", "field.n": "number"}).status_code == 201
    assert rest("POST", f"{COLLECTIONS}/config/c", data={"field.m": "bool"}).status_code == 200
    (entry,) = rest("GET", f"{COLLECTIONS}/config/c").json()["entry"]
    assert (entry["content"]["field.n"], entry["content"]["field.m"]) == ("number", "bool")
    assert rest("POST", f"{COLLECTIONS}/config/c", data={"colour": "red"}).status_code == 400
    assert rest("POST", f"{COLLECTIONS}/data/c", json={"_key": "a"}).status_code == 201
    assert rest("DELETE", f"{COLLECTIONS}/config/c").status_code == 200
    assert rest("GET", f"{COLLECTIONS}/data/c").status_code == 404
    rest("POST", f"{COLLECTIONS}/config", data={"name": "c"})
    assert rest("GET", f"{COLLECTIONS}/data/c").json() == [], "its documents went with it"


def test_the_access_list_of_a_collection_decides_on_its_documents(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    rest("POST", f"{COLLECTIONS}/config", data={"name": "c"})
    assert alice("POST", f"{COLLECTIONS}/data/c", json={}).status_code == 403
    assert share(rest, f"{COLLECTIONS}/config/c", sharing="app", owner="nobody", perms_write="user") == 200
    assert alice("POST", f"{COLLECTIONS}/data/c", json={}).status_code == 201
    (entry,) = alice("GET", f"{COLLECTIONS}/config/c/acl").json()["entry"]
    assert entry["acl"]["perms"]["write"] == ["user"]
    assert share(rest, f"{COLLECTIONS}/config/c", sharing="user", owner="alice") == 400, "it is nobody's"
    assert share(alice, f"{COLLECTIONS}/config/c", sharing="global", owner="nobody") == 200


@pytest.mark.parametrize(
    ("base", "user"),
    [("/services", "admin"), ("/servicesNS/admin/layered", "admin"), ("/servicesNS/alice/layered", "alice")],
)
def test_collections_are_configured_in_nobodys_context_only(layered: Splunkd, rest: Rest, base: str, user: str) -> None:
    answer = rest("GET", f"{base}/storage/collections/config")
    assert answer.status_code == 400
    assert text_of(answer) == (
        f"Must use user context of 'nobody' when interacting with collection configurations (used user='{user}')"
    )
    assert rest("POST", f"{base}/storage/collections/config", data={"name": "x"}).status_code == 400
    assert rest("GET", "/servicesNS/Nobody/layered/storage/collections/config").status_code == 200


def test_inputs_are_shared_whoever_makes_them(splunkd: Splunkd, rest: Rest, make_app: MakeApp) -> None:
    files = {"README/inputs.conf.spec": "[feed://<name>]\nword = <string>\n"}
    splunkd.install_app(make_app("feeds", files))
    assert rest("POST", "/servicesNS/admin/feeds/data/inputs/feed", data={"name": "a", "word": "x"}).status_code == 201
    assert splunkd.conf("inputs", "feeds")["feed://a"]["word"] == "x"


@pytest.mark.parametrize(
    ("acl", "status"),
    [({"sharing": "app"}, 200), ({"sharing": "user"}, 400), ({"sharing": "app", "owner": "x"}, 400), ({}, 400)],
)
def test_the_access_list_of_a_kind_has_no_owner(
    layered: Splunkd, rest: Rest, alice: Rest, acl: Any, status: int
) -> None:
    assert rest("POST", f"{conf('nobody')}/_acl", data=acl).status_code == status
    assert alice("POST", f"{conf('nobody')}/_acl", data=acl).status_code == 403
