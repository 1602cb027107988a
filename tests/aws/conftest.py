"""An AWS to act in (moto's server), the app's view of it, and a way to make it fail."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.findings.finding import Finding
from responder.remediation import change_limit, change_stops
from responder.remediation.change_claims import CHANGES
from responder.remediation.change_limit import Ledger
from responder.remediation.together import PerStore
from responder.settings.model import Http
from responder.splunk.client import Splunkd as Client

from sandbox.aws.server import ACCOUNT, AwsStandIn
from sandbox.splunkd import Splunkd
from tests import tiers
from tests.aws.open_groups import Group
from tests.aws.organizations import Estate
from tests.aws.support import Connected, FaultyAws, RecordingAws, Tasks, account

#: Each of these asks every playbook about the machinery that all share; what is a playbook's own is in other files.
SHARED = (
    "test_playbook_contract",
    "test_playbook_trust",
    "test_playbook_rights.py::test_simulating_needs_the_reading_policy_only",
    "test_playbook_rights.py::test_the_shipped_policies_are_enough_for_a_role_that_reads_and_one_that_changes",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each question is asked of some playbooks in the ordinary run, of as many again and more in the extended one."""
    for item in items:
        asked = (item.path.stem, f"{item.path.name}::{item.name.partition('[')[0]}")
        if any(name in SHARED for name in asked) and "[" in item.name:
            tiers.share_out(item, item.name)


@pytest.fixture(scope="session")
def stand_in() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture(scope="session")
def admin(stand_in: AwsStandIn) -> Callable[..., Any]:
    """Clients of somebody who may do anything and whose calls are not recorded."""
    return functools.lru_cache(maxsize=None)(stand_in.client)


@pytest.fixture
def enforced(stand_in: AwsStandIn) -> Iterator[Callable[[], None]]:
    """Call it and every call needs the rights that policies give (by action, not by resource), until the test ends."""
    yield stand_in.check_rights
    stand_in.check_rights(False)


@pytest.fixture(scope="module")
def estate(stand_in: AwsStandIn) -> Estate:
    """An organization with units of this module's own."""
    return Estate.found(stand_in)


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"t-{uuid.uuid4().hex[:16]}"


@pytest.fixture
def connect() -> Callable[..., Connected]:
    """``connect(url, attempts=..., http=..., **fields of the account entry)``."""

    def make(url: str, attempts: int = 2, http: Http | None = None, **changed: Any) -> Connected:
        naps: list[float] = []
        # Long: no call is to be repeated because the machine is busy.
        http = http or Http(read_timeout=60)
        return Connected(RecordingAws(account(url, **changed), http, attempts=attempts, sleep=naps.append), naps)

    return make


@pytest.fixture
def connected(connect: Callable[..., Connected], stand_in: AwsStandIn) -> Connected:
    return connect(stand_in.url)


@pytest.fixture
def aws(connected: Connected) -> Aws:
    return connected.aws


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """A finding with the fields that every playbook needs, and those given."""

    def make(**fields: Any) -> Finding:
        plain: dict[str, Any] = {
            "signature_id": "something_bad",
            "signature": "Something bad",
            "severity": "high",
            "dedup_key": "something_bad|1",
            "vendor_account": ACCOUNT,
            "vendor_region": "us-east-1",
        }
        return Finding(**{**plain, **fields})

    return make


@pytest.fixture
def group(admin: Callable[..., Any], name: str) -> Group:
    """A security group of this test's own that lets the world in."""
    return Group(admin("ec2"), name)


@pytest.fixture
def found(group: Group, finding: Callable[..., Finding]) -> Finding:
    """The finding that it lets the world in."""
    return finding(object_id=group.id, detail={"rules": [{"cidr": "0.0.0.0/0"}]})


@pytest.fixture
def faulty(stand_in: AwsStandIn) -> Iterator[FaultyAws]:
    proxy = FaultyAws(stand_in.url)
    yield proxy
    proxy.stop()


@pytest.fixture(scope="session")
def splunkd(tmp_path_factory: pytest.TempPathFactory, built_app: Path) -> Iterator[Splunkd]:
    """The sandbox's splunkd with the app."""
    with Splunkd(tmp_path_factory.mktemp("kv") / "splunk") as started:
        started.install_app(built_app)
        yield started


@pytest.fixture(scope="session")
def kv_store(splunkd: Splunkd) -> Client:
    """Its KV store with the app's collections."""
    return Client(splunkd.uri, splunkd.system_token, pauses=())


@pytest.fixture
def no_changes_yet(kv_store: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The changes of other tests do not count: each run reads those of its hour, and there would be thousands."""
    kv_store.delete_where(CHANGES, {})
    kv_store.delete_where(change_stops.STOPS, {})
    change_stops.every(kv_store)
    monkeypatch.setattr(change_limit, "_ledgers", PerStore(Ledger))


@pytest.fixture
def tasks(kv_store: Client, no_changes_yet: None, connected: Connected) -> Tasks:
    return Tasks(kv_store, connected.aws)


@pytest.fixture
def faulty_tasks(kv_store: Client, no_changes_yet: None, connect: Callable[..., Connected], faulty: FaultyAws) -> Tasks:
    """The same, behind the proxy that makes AWS fail."""
    return Tasks(kv_store, connect(faulty.url, attempts=1).aws)
