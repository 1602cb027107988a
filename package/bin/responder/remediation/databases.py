"""Databases of RDS, for the playbooks about one: instances and clusters, which a finding names by name or ARN.

Facts: RDS API Reference, DescribeDBInstances, DescribeDBClusters (names are in lower case); Aurora User Guide: backups
and protection are those of the cluster, not of its instances.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import NotFound
from .model import Resource, Target, tags_of
from .named import arn_in, names_no

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding

INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
INSTANCES, CLUSTERS = "arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:cluster:*"
_WORDS = {"db": INSTANCE, "cluster": CLUSTER}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")


def target_of(finding: Finding, aws: Aws) -> Target:
    """Its ARN says whether it is an instance or a cluster. Raises InvalidFinding."""
    named = arn.parse(finding.object_id)
    name = named.name if named else finding.object_id
    word = next((word for word, kind in _WORDS.items() if kind == finding.object_category), "")
    if not word or not _NAME.fullmatch(name) or (named and (named.service != "rds" or named.kind != word)):
        raise names_no("database", finding, f"name, and object_category to {INSTANCE} or {CLUSTER}")
    region = finding.vendor_region
    return Target(arn_in(aws, "rds", region, f"{word}:{name.lower()}"), region)


def read_database(database: str, region: str, aws: Aws) -> tuple[Resource, Mapping[str, Any]]:
    """The database as a resource, and what is said of it."""
    kind, name = kind_of(database), arn.name_of(database)
    if kind == INSTANCE:
        found = aws.read("rds", "describe_db_instances", region, DBInstanceIdentifier=name)["DBInstances"]
    else:
        found = aws.read("rds", "describe_db_clusters", region, DBClusterIdentifier=name)["DBClusters"]
    if not found:
        raise NotFound(f"Database {name} does not exist (any more) in {region}.")
    called = str(found[0]["DBInstanceArn" if kind == INSTANCE else "DBClusterArn"])
    tags = tags_of(found[0].get("TagList") or ())
    unique = str(found[0].get("DbiResourceId" if kind == INSTANCE else "DbClusterResourceId") or "")
    account = called.split(":")[4]
    return Resource(called, kind, account, region, tags, unique_id=unique), found[0]


def kind_of(database: str) -> str:
    return _WORDS[database.split(":")[5]]
