"""configs/conf-* and properties: layers, inheritance, access lists."""

from __future__ import annotations

import http.client

import pytest
from splunkd_clients import MakeApp, Rest, text_of
from splunklib import client

from sandbox.splunkd import Splunkd

CONF = "/servicesNS/nobody/layered/configs/conf-settings"


@pytest.fixture
def layered(splunkd: Splunkd, make_app: MakeApp) -> Splunkd:
    splunkd.install_app(
        make_app(
            "layered",
            {
                "default/settings.conf": "[default]\ncolor = red\n[general]\nsize = 1\nlong = a\\\nb\n",
                "metadata/default.meta": "[]\naccess = read : [ * ], write : [ power ]\nexport = none\n",
            },
        )
    )
    return splunkd


def test_local_goes_before_default_and_inherits_the_default_stanza(layered: Splunkd, rest: Rest) -> None:
    assert rest("POST", f"{CONF}/general", data={"size": "2"}).status_code == 200
    content = rest("GET", f"{CONF}/general").json()["entry"][0]["content"]
    assert (content["size"], content["color"], content["long"]) == ("2", "red", "a\nb")
    app = layered.home / "etc" / "apps" / "layered"
    assert (app / "local" / "settings.conf").read_text() == "[general]\nsize = 2\n"
    assert "size = 1" in (app / "default" / "settings.conf").read_text()


def test_an_unexported_app_is_seen_from_itself_only(layered: Splunkd, rest: Rest) -> None:
    assert rest("GET", "/servicesNS/nobody/search/configs/conf-settings").json()["entry"] == []
    assert "general" in layered.conf("settings", "layered")
    assert "general" not in layered.conf("settings", "search")
    assert "general" in layered.conf("settings"), "the global context holds every app"


def test_exported_stanzas_are_seen_from_other_apps(splunkd: Splunkd, make_app: MakeApp) -> None:
    splunkd.install_app(
        make_app(
            "giver",
            {
                "default/macros.conf": "[shared]\ndefinition = 1\n[own]\ndefinition = 2\n",
                "metadata/default.meta": "[macros/shared]\nexport = system\n",
            },
        )
    )
    assert set(splunkd.conf("macros", "search")) == {"shared"}


def test_a_missing_file_is_empty_in_configs_and_404_in_properties(rest: Rest) -> None:
    answer = rest("GET", "/servicesNS/nobody/search/configs/conf-nothing")
    assert (answer.status_code, answer.json()["entry"]) == (200, [])
    assert rest("GET", "/servicesNS/nobody/search/properties/nothing").status_code == 404


def test_create_edit_delete_through_the_sdk(service: client.Service) -> None:
    conf = service.confs.create("mine")
    stanza = conf.create("a/b: c", color="blue", text="two\nlines")
    assert (stanza["color"], stanza["text"]) == ("blue", "two\nlines")
    stanza.update(color="green")
    assert service.confs["mine"]["a/b: c"]["color"] == "green"
    conf.delete("a/b: c")
    assert len(service.confs["mine"]) == 0


def test_errors_are_splunkds(layered: Splunkd, rest: Rest) -> None:
    assert rest("POST", CONF, data={"name": "new"}).status_code == 201
    again = rest("POST", CONF, data={"name": "new"})
    assert (again.status_code, text_of(again)) == (
        409,
        "In handler 'conf-settings': An object with name=new already exists",
    )
    missing = rest("GET", f"{CONF}/absent")
    assert (missing.status_code, text_of(missing)) == (
        404,
        "In handler 'conf-settings': Could not find object id=absent",
    )
    assert rest("DELETE", f"{CONF}/general").status_code == 403, "default is never written"
    assert rest("GET", CONF, nonsense="1").status_code == 400
    assert "not exist" in text_of(rest("GET", "/servicesNS/nobody/absent/configs/conf-settings"))


@pytest.mark.parametrize(
    "path",
    [
        "/servicesNS/nobody/search/configs/conf-..%2F..%2Fescaped",
        "/servicesNS/nobody/search/properties/..%2F..%2Fescaped",
        "/servicesNS/nobody/../configs/conf-escaped",
        "/servicesNS/nobody/..%2F..%2Fx/configs/conf-escaped",
    ],
)
def test_no_name_leads_out_of_the_app(splunkd: Splunkd, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", splunkd.port, timeout=30)
    connection.request(
        "POST",
        path,
        "name=x&__stanza=x",
        {
            "Authorization": f"Splunk {splunkd.session_key('admin')}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    assert connection.getresponse().status in (400, 404)
    connection.close()
    assert not list(splunkd.home.parent.rglob("*escaped*"))


def test_writing_needs_the_write_right_of_the_app(layered: Splunkd, alice: Rest) -> None:
    assert alice("GET", f"{CONF}/general").status_code == 200
    answer = alice("POST", f"{CONF}/general", data={"size": "3"})
    assert answer.status_code == 403 and "write : [ power ]" in text_of(answer)
    layered.access.edit_user("alice", {"roles": ["power"]})
    assert alice("POST", f"{CONF}/general", data={"size": "3"}).status_code == 200


def test_a_form_field_named_like_a_list_argument_is_kept(rest: Rest, splunkd: Splunkd) -> None:
    path, fields = "/servicesNS/nobody/search/configs/conf-mine", {"search": "index=main", "count": "5"}
    rest("POST", path, data={"name": "x", **fields})
    assert splunkd.conf("mine", "search")["x"] == fields


@pytest.mark.parametrize(
    "data", [{"k": "ends in \\"}, {"a\nb": "v"}, {"a=b": "v"}, {"[x]": "v"}, {"name": "two\nlines"}]
)
def test_what_the_format_cannot_hold_is_refused(rest: Rest, splunkd: Splunkd, data: dict[str, str]) -> None:
    answer = rest("POST", "/servicesNS/nobody/search/configs/conf-mine", data={"name": "x", **data})
    assert answer.status_code == 400 and "mine" not in splunkd.confs.files_of("search")


def test_lists_are_filtered_sorted_and_paged(rest: Rest) -> None:
    for name, size in (("a", "1"), ("b", "2"), ("c", "2")):
        rest("POST", "/servicesNS/nobody/search/configs/conf-mine", data={"name": name, "size": size})

    def names(**params: object) -> list[str]:
        entries = rest("GET", "/servicesNS/nobody/search/configs/conf-mine", **params).json()["entry"]
        return [entry["name"] for entry in entries]

    assert names(search="size=2") == ["b", "c"]
    assert names(sort_key="name", sort_dir="desc", count=2) == ["c", "b"]
    assert names(count=1, offset=1) == ["b"]


def test_access_lists_can_be_changed(layered: Splunkd, rest: Rest, alice: Rest) -> None:
    acl = {"sharing": "app", "owner": "nobody", "perms.write": "user", "perms.read": "*"}
    answer = rest("POST", f"{CONF}/general/acl", data=acl)
    assert answer.json()["entry"][0]["acl"]["perms"] == {"read": ["*"], "write": ["user"]}
    assert alice("POST", f"{CONF}/general", data={"size": "4"}).status_code == 200


@pytest.mark.parametrize("path", ["admin/conf-macros", "admin/macros"])
def test_objects_of_a_file_have_handlers_of_other_names(splunkd: Splunkd, rest: Rest, path: str) -> None:
    macros = f"/servicesNS/nobody/search/{path}"
    made = rest("POST", macros, data={"name": "mine(1)", "definition": "x=$a$", "args": "a"})
    assert made.status_code == 201
    entry = rest("GET", f"{macros}/mine(1)").json()["entry"][0]
    assert (entry["name"], entry["content"]["definition"]) == ("mine(1)", "x=$a$")
    assert splunkd.conf("macros", "search")["mine(1)"]["args"] == "a"
    assert rest("POST", f"{macros}/mine(1)", data={"definition": "y=$a$"}).status_code == 200
    assert rest("DELETE", f"{macros}/mine(1)").status_code == 200
    assert "mine(1)" not in splunkd.conf("macros", "search")
