"""IAM Access Analyzer, which moto lacks.

Facts: IAM Access Analyzer API Reference, CreateAnalyzer and CreateArchiveRule (``ConflictException`` where there is one
of that name), GetAnalyzer, GetArchiveRule, UpdateArchiveRule, DeleteArchiveRule, DeleteAnalyzer
(``ResourceNotFoundException`` where there is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from sandbox.aws.double import Answer, Refused, World


def create_analyzer(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    name, found = given["analyzerName"], _analyzers(world)
    if name in found:
        raise Refused("ConflictException", f"Analyzer {name} already exists.")
    arn = f"arn:aws:access-analyzer:{world.region}:{world.account}:analyzer/{name}"
    shown = {"arn": arn, "name": name, "type": given["type"], "createdAt": _now(), "status": "ACTIVE"}
    found[name] = {**shown, "tags": given.get("tags") or {}}
    for rule in given.get("archiveRules") or ():
        create_rule({"analyzerName": name, **rule}, world)
    return {"arn": arn}


def get_analyzer(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {"analyzer": _analyzer(given, world)}


def delete_analyzer(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _analyzer(given, world)
    del _analyzers(world)[given["analyzerName"]]
    _rules(world).pop(given["analyzerName"], None)
    return {}


def create_rule(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _analyzer(given, world)
    found = _rules(world).setdefault(given["analyzerName"], {})
    if given["ruleName"] in found:
        raise Refused("ConflictException", f"Archive rule {given['ruleName']} already exists.")
    shown = {"ruleName": given["ruleName"], "filter": given["filter"]}
    found[given["ruleName"]] = {**shown, "createdAt": _now(), "updatedAt": _now()}
    return {}


def get_rule(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {"archiveRule": _rule(given, world)}


def update_rule(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _rule(given, world).update(filter=given["filter"], updatedAt=_now())
    return {}


def delete_rule(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _rule(given, world)
    del _rules(world)[given["analyzerName"]][given["ruleName"]]
    return {}


def _analyzers(world: World) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = world.keep("analyzers")
    return kept


def _rules(world: World) -> dict[str, dict[str, dict[str, Any]]]:
    kept: dict[str, dict[str, dict[str, Any]]] = world.keep("archive_rules")
    return kept


def _analyzer(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    found = _analyzers(world).get(given["analyzerName"])
    if found is None:
        raise Refused("ResourceNotFoundException", f"Analyzer {given['analyzerName']} does not exist.")
    return found


def _rule(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    _analyzer(given, world)
    found = _rules(world).get(given["analyzerName"], {}).get(given["ruleName"])
    if found is None:
        raise Refused("ResourceNotFoundException", f"Archive rule {given['ruleName']} does not exist.")
    return found


def _now() -> datetime:
    return datetime.now(timezone.utc)


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("accessanalyzer", "CreateAnalyzer"): create_analyzer,
    ("accessanalyzer", "GetAnalyzer"): get_analyzer,
    ("accessanalyzer", "DeleteAnalyzer"): delete_analyzer,
    ("accessanalyzer", "CreateArchiveRule"): create_rule,
    ("accessanalyzer", "GetArchiveRule"): get_rule,
    ("accessanalyzer", "UpdateArchiveRule"): update_rule,
    ("accessanalyzer", "DeleteArchiveRule"): delete_rule,
}
