"""The app asks the KV store for nothing that makes it read a whole collection, however much is in there."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from responder.ingest import claims

from sandbox.aws import ACCOUNT, estate
from sandbox.world import ANALYST, APP, Key, World
from tests.e2e.conftest import Site
from tests.kv_queries import Asked, accelerations, asked, unserved

SOURCES = Path(__file__).resolve().parents[2] / "package" / "bin" / "responder"
#: Queried by name of a constant: ``find(TASKS, ...)``.
_QUERIED = re.compile(r"\b(?:find|delete_where|_old|_delete)\(\s*([A-Z_]+),")
_NAMED = re.compile(r'^([A-Z_]+)(?:, [A-Z_]+)* = "(responder_\w+)"', re.MULTILINE)


@pytest.fixture
def lived_in(tmp_path: Path, built_app: Path, one_version: str) -> Iterator[Site]:
    """A site where everything has happened: alerts, approval, undo, retry, a saved setting, rounds of the worker."""
    with World(tmp_path / "splunk", built_app, one_version) as world:
        built = estate.build(world.aws)
        world.grouping = {}
        key = Key(built.responder_key.access_key_id, built.responder_key.secret_access_key)
        world.configure(key, mode="enforce", lease_seconds="60", unknown_outcome_seconds="0.1")
        site = Site(world, built)
        roles = [APP, f"{APP}_analyst"]
        world.rest("POST", f"/services/authentication/users/{ANALYST}", data={"roles": roles}).raise_for_status()
        row = site.open_ssh()
        for action in ("create_ticket", "notify_slack", "remediate"):
            assert world.fire(action, [row, site.again(row)]).exit_code == 0
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1"
        assert world.fire("create_ticket", [{**site.open_ssh(), "user_arn": session}]).exit_code == 0
        network = {"_key": "as64500", "network": "8.8.8.0/24", "asn": "64500", "organization": "Example"}
        world.rest("POST", "storage/collections/data/responder_asn", json=network).raise_for_status()
        elsewhere = {**site.open_ssh(), "src_ip": "8.8.8.8", "access_key_id": key.access_key_id}
        assert world.fire("create_ticket", [elsewhere]).exit_code == 0
        assert world.fire("remediate", [site.open_ssh()], {"mode": "approve"}).exit_code == 4
        (waiting,) = world.documents("responder_tasks", {"waiting_for": "approval"})
        done = world.documents("responder_tasks", {"kind": "remediation.run", "state": "done"})
        for name, body in (
            ("approve", {"task": waiting["_key"], "decision": "approve"}),
            ("undo", {"task": done[0]["_key"]}),
            ("retry", {"task": done[0]["_key"]}),
        ):
            assert world.rest("POST", f"{APP}/{name}", ANALYST, json=body).status_code < 500
        for name, body in (
            ("cases", {"assignee": "@me"}),
            ("actor", {"case": waiting["_key"].partition(".")[0]}),
            ("detection", {"detection": "trail_logging_stopped"}),
        ):
            assert world.rest("POST", f"{APP}/{name}", json=body).status_code == 200
        world.aws.client("s3").create_bucket(Bucket="public", ACL="public-read")
        sweep = {"look_for": "revoke_open_ingress,block_public_bucket", "regions": "us-east-1"}
        world.rest("POST", "data/inputs/responder_sweep/main", data=sweep).raise_for_status()
        for _ in range(2):
            for instance in world.runner.inputs.instances():
                assert world.runner.inputs.run_once(instance).exit_code == 0
            world.save("settings", "safety", {"default_mode": "enforce", "max_changes_per_run": "19"})
        yield site


@pytest.mark.extended
def test_every_query_is_served_by_an_acceleration(lived_in: Site) -> None:
    home = lived_in.world.home
    served = accelerations(home / "etc" / "apps" / APP / "default" / "collections.conf")
    queries = list(asked(home / "var" / "log" / "splunk" / "splunkd.log"))
    assert unserved(iter(queries), served) == []
    assert {query.collection for query in queries} >= collections_that_are_queried()


def collections_that_are_queried() -> set[str]:
    """By the source."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    names = dict(_NAMED.findall(text))
    return {names[constant] for constant in _QUERIED.findall(text) if constant in names} - {
        # Removed only where something is old enough: tests/core/test_retention.py.
        "responder_approvals",
        "responder_cases",
        # By key alone: tests/setup/test_pipeline_endpoint.py.
        "responder_pipelines",
        # By key and kind alone: tests/core/test_start_looks.py.
        "responder_start",
        # By the CloudTrail input alone: the test below.
        "responder_ingest",
    }


def test_the_claims_of_the_cloudtrail_input_are_served_by_an_acceleration(built_app: Path, tmp_path: Path) -> None:
    with tarfile.open(built_app) as tarball:
        conf = tarball.extractfile(f"{APP}/default/collections.conf")
        assert conf is not None
        (tmp_path / "collections.conf").write_bytes(conf.read())
    served = accelerations(tmp_path / "collections.conf")
    newest = Asked(claims.COLLECTION, "GET", {"file": "a"}, "number:-1")
    old = Asked(claims.COLLECTION, "DELETE", {"at": {"$lt": 1}}, "")
    assert unserved(iter([newest, old]), served) == []


@pytest.mark.parametrize(
    ("query", "sort"),
    [
        ({}, ""),
        ({"b": 1}, ""),
        ({"a": {"$ne": 1}}, ""),
        ({"$or": [{"a": 1}, {"c": 1}]}, ""),
        ({"a": 1}, "c"),
        ({"$not": {"a": 1}}, ""),
    ],
    ids=str,
)
def test_one_that_is_not_would_be_seen(query: dict[str, object], sort: str) -> None:
    served = {"t": [["_key"], ["a", "b"]]}
    assert unserved(iter([Asked("t", "GET", query, sort)]), served)
    assert not unserved(iter([Asked("t", "GET", {"$or": [{"a": {"$gt": 1}}, {"_key": "x"}]}, "b:-1")]), served)
