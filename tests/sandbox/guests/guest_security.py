"""A third-party app with the actions of Enterprise Security, ``notable`` and ``risk``, which remember nothing.

Every result they are given becomes an event of its own. They know the parameters that ES 7 and 8 know of a detection
(contentctl 5.6, savedsearches_detections.j2) and refuse any other. Nothing of it comes from Splunk's app.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from guest_kit import write

APP = "guest_security"
MADE = "made-by-guest.jsonl"
FILES = {
    "default/app.conf": """
        [launcher]
        version = 1.0.0
        author = guest
        [package]
        id = guest_security
        """,
    "metadata/default.meta": """
        []
        access = read : [ * ], write : [ admin ]
        export = system
        """,
    "default/alert_actions.conf": """
        [notable]
        is_custom = 1
        label = Notable
        payload_format = json
        alert.execute.cmd = make.py
        alert.execute.cmd.arg.0 = notable

        [risk]
        is_custom = 1
        label = Risk Analysis
        payload_format = json
        alert.execute.cmd = make.py
        alert.execute.cmd.arg.0 = risk
        """,
    "bin/make.py": """
        import csv, gzip, json, os, re, sys
        KNOWN = {
            "notable": {"rule_title", "rule_description", "security_domain", "severity", "nes_fields",
                        "drilldown_searches", "recommended_actions", "_entities"},
            "risk": {"_risk", "_risk_message", "_risk_score", "verbose"},
        }
        kind = sys.argv[-1]
        payload = json.load(sys.stdin)
        given = payload["configuration"]
        unknown = set(given) - KNOWN[kind]
        if unknown:
            print("ERROR unknown parameters: %s" % sorted(unknown), file=sys.stderr)
            sys.exit(3)
        with gzip.open(payload["results_file"], "rt", newline="") as file:
            rows = list(csv.DictReader(file))

        def made(number, row):
            about = {"kind": kind, "sid": payload["sid"], "rid": number, "search_name": payload["search_name"],
                     "event_ids": row["event_ids"].split("\\n"), "dedup_key": row["dedup_key"]}
            if kind == "notable":
                json.loads(given["drilldown_searches"])
                (entity,) = json.loads(given["_entities"])
                return [dict(about, entity=row[entity["risk_object_field"]])]
            objects = [one for one in json.loads(given["_risk"]) if "risk_object_field" in one]
            return [dict(about, object=row[one["risk_object_field"]], score=one["risk_score"]) for one in objects]

        with open(os.path.join(os.environ["SPLUNK_HOME"], "made-by-guest.jsonl"), "a") as file:
            for number, row in enumerate(rows):
                for event in made(number, row):
                    file.write(json.dumps(event) + "\\n")
        """,
}


def install(home: Path) -> None:
    write(home / "etc" / "apps" / APP, FILES)


def made(home: Path, kind: str) -> list[dict[str, Any]]:
    """The events that the actions of a kind have made."""
    path = home / MADE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [event for event in map(json.loads, lines) if event["kind"] == kind]
