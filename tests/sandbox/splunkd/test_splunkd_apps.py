"""apps/local: install from file, upgrade, disable, remove."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from splunkd_clients import MakeApp, Rest, text_of
from splunklib import client

from sandbox.splunkd import Splunkd

APPS = "/services/apps/local"


def test_install_from_file(rest: Rest, splunkd: Splunkd, service: client.Service, make_app: MakeApp) -> None:
    tarball = make_app("guest", {"default/guest.conf": "[a]\nb = 1\n"}, tarball=True)
    answer = rest("POST", APPS, data={"name": str(tarball), "filename": "true", "update": "true"})
    assert (answer.status_code, answer.json()["entry"][0]["name"]) == (201, "guest")
    assert service.apps["guest"].content["version"] == "1.0.0"
    assert splunkd.conf("guest", "guest")["a"] == {"b": "1"}


def test_installing_twice_needs_update(rest: Rest, make_app: MakeApp) -> None:
    name = str(make_app("guest", {}, tarball=True))
    assert rest("POST", APPS, data={"name": name, "filename": "true"}).status_code == 201
    assert rest("POST", APPS, data={"name": name, "filename": "true"}).status_code == 409
    assert rest("POST", APPS, data={"name": name, "filename": "true", "update": "1"}).status_code == 201


def test_an_upgrade_replaces_default_and_keeps_local(splunkd: Splunkd, make_app: MakeApp, tmp_path: Path) -> None:
    splunkd.install_app(
        make_app("guest", {"default/old.conf": "[a]\n", "lookups/own.csv": "x\n1\n"}, folder=tmp_path / "one")
    )
    splunkd.confs.set("guest", "guest", "s", {"kept": "yes"})
    splunkd.install_app(make_app("guest", {"default/new.conf": "[b]\n"}, folder=tmp_path / "two"))
    folder = splunkd.home / "etc" / "apps" / "guest"
    assert splunkd.conf("guest", "guest")["s"] == {"kept": "yes"}
    assert not (folder / "default" / "old.conf").exists() and (folder / "default" / "new.conf").exists()
    assert (folder / "lookups" / "own.csv").exists()


def test_what_is_no_app_is_refused_and_leaves_nothing(rest: Rest, splunkd: Splunkd, tmp_path: Path) -> None:
    two, escaping = tmp_path / "two.tar.gz", tmp_path / "escaping.tar.gz"
    with tarfile.open(two, "w:gz") as tar:
        for name in ("a/default/app.conf", "b/default/app.conf"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with tarfile.open(escaping, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../outside"), io.BytesIO())
    before = sorted(splunkd.home.rglob("*"))
    for path in (two, escaping, tmp_path / "absent.tar.gz"):
        answer = rest("POST", APPS, data={"name": str(path), "filename": "true"})
        assert answer.status_code == 400 and text_of(answer).startswith("Error during app install")
    assert sorted(splunkd.home.rglob("*")) == before


def test_a_disabled_app_has_no_say(rest: Rest, splunkd: Splunkd, make_app: MakeApp) -> None:
    splunkd.install_app(
        make_app(
            "guest", {"default/macros.conf": "[m]\ndefinition = 1\n", "metadata/default.meta": "[]\nexport = system\n"}
        )
    )
    assert "m" in splunkd.conf("macros")
    rest("POST", f"{APPS}/guest/disable")
    assert "m" not in splunkd.conf("macros")
    rest("POST", f"{APPS}/guest/enable")
    assert "m" in splunkd.conf("macros")


def test_create_and_delete_through_the_sdk(service: client.Service, splunkd: Splunkd) -> None:
    service.apps.create("fresh", label="Fresh")
    assert service.apps["fresh"].content["label"] == "Fresh"
    service.apps.delete("fresh")
    assert "fresh" not in [app.name for app in service.apps]
    assert not (splunkd.home / "etc" / "apps" / "fresh").exists()
