"""The checks in this process, on a splunkd that has what splunkd itself reads of the built app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from health_place import APP, Place

from sandbox.splunkd import Splunkd
from spl import conffile
from tests.as_installed import forget_settings, without_code
from tests.kv_queries import accelerations, asked, unserved


@pytest.fixture(scope="session")
def health_splunkd(tmp_path_factory: pytest.TempPathFactory, app_dir: Path) -> Iterator[Splunkd]:
    """Shared by the tests of a process."""
    folder = tmp_path_factory.mktemp("health")
    with Splunkd(folder / "splunk") as splunkd:
        splunkd.install_app(without_code(app_dir, folder))
        yield splunkd
        conf = app_dir / "default" / "collections.conf"
        assert unserved(asked(splunkd.home / "var" / "log" / "splunk" / "splunkd.log"), accelerations(conf)) == []


@pytest.fixture
def place(health_splunkd: Splunkd) -> Iterator[Place]:
    """As it was installed: no settings, no documents, no events, no messages."""
    users = {user["name"] for user in health_splunkd.access.users()}
    yield Place(health_splunkd)
    forget_settings(health_splunkd)
    for user in {user["name"] for user in health_splunkd.access.users()} - users:
        health_splunkd.access.remove_user(user)
    collections = conffile.parse((health_splunkd.home / "etc/apps" / APP / "default/collections.conf").read_text())
    for collection in collections:
        Place(health_splunkd).rest("DELETE", f"storage/collections/data/{collection}")
    for index in ("main", "_internal"):
        health_splunkd.index.clean(index)
    for message in health_splunkd.bulletin.all():
        health_splunkd.bulletin.remove(message.name)
