"""What the console's forms check of an entry before they send it: the validators of the setup page (globalConfig.json).

``python -m tools.entry_checks`` writes ``ui/src/api/checks.ts``; ``--check`` only says whether it is as it has to be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "ui" / "src" / "api" / "checks.ts"
HEAD = """// Written by `python -m tools.entry_checks` from globalConfig.json. Do not edit.
// By table and field of the setup page: a pattern, and what to say where a value does not match it.
"""
#: Tables that *Getting started* adds entries to.
TABLES = ("aws_account", "jira_site", "slack_workspace")
_EMAIL = r"^[^\s@]+@[^\s@]+$"


def main() -> int:
    text = typescript(json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8")))
    if sys.argv[1:] == ["--check"]:
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} is not what globalConfig.json says. Run python -m tools.entry_checks.", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def typescript(config: dict[str, Any]) -> str:
    tabs = {tab["name"]: tab for tab in config["pages"]["configuration"]["tabs"]}
    found = {
        table: {entity["field"]: checks for entity in tabs[table]["entity"] if (checks := _checks(entity))}
        for table in TABLES
    }
    shown = json.dumps(found, indent=4, ensure_ascii=False)
    return f"{HEAD}export const CHECKS: Record<string, Record<string, [string, string][]>> = {shown};\n"


def _checks(entity: dict[str, Any]) -> list[list[str]]:
    found = []
    for one in entity.get("validators", []):
        pattern = {"regex": one.get("pattern"), "email": _EMAIL}.get(one["type"])
        if one["type"] == "string":
            pattern = rf"^[\s\S]{{{one['minLength']},{one['maxLength']}}}$"
        if pattern:
            found.append([pattern, one["errorMsg"]])
    return found


if __name__ == "__main__":
    sys.exit(main())
