"""Runs in the environment of the peers' libraries and imports nothing of this project: a question in, an answer out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml


def sigma(folder: Path) -> dict[str, Any]:
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection

    searches: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        document: Any = next(yaml.safe_load_all(text), None)
        source = document.get("logsource") if isinstance(document, dict) else None
        if not isinstance(source, dict) or source.get("service") != "cloudtrail":
            continue
        name = str(document.get("title", path.stem))
        try:
            (searches[name],) = SplunkBackend().convert(SigmaCollection.from_yaml(text))
        except Exception as error:  # Whatever a rule is wrong in, the others are compared.
            unreadable[name] = f"{type(error).__name__}: {error}"
    return {"searches": searches, "unreadable": unreadable}


def panther(folder: Path, records: list[dict[str, Any]]) -> dict[str, Any]:
    from panther_core.enriched_event import PantherEvent
    from panther_core.rule import Rule

    # Helpers that rules import lie in folders of their own.
    sys.path[:0] = sorted({str(path.parent) for path in folder.rglob("*helper*.py")})
    rules: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yml")):
        about = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(about, dict) or "AWS.CloudTrail" not in (about.get("LogTypes") or ()):
            continue
        name = str(about.get("RuleID", path.stem))
        rule = Rule({"id": name, "versionId": "1", "path": str(path.parent / str(about.get("Filename")))})
        if rule._setup_exception is not None:
            unreadable[name] = f"{type(rule._setup_exception).__name__}: {rule._setup_exception}"
        else:
            rules[name] = rule
    raised: dict[str, list[int]] = {}
    for position, record in enumerate(records):
        event = PantherEvent(record, None)
        for name, rule in rules.items():
            try:
                is_raised = bool(rule.matcher_function(event))
            except Exception as error:  # As in Panther: an error of a rule is no alert.
                unreadable.setdefault(name, f"it failed on a record: {type(error).__name__}: {error}")
                continue
            if is_raised:
                raised.setdefault(name, []).append(position)
    return {"rules": len(rules), "unreadable": unreadable, "raised": raised}


def main() -> None:
    question = json.load(sys.stdin)
    folder = Path(question["folder"])
    answer = sigma(folder) if question["what"] == "sigma" else panther(folder, question["records"])
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
