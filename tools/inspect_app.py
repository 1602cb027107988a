"""The AppInspect gate: the tarball as Splunk Cloud's vetting sees it.

No error, failure or future failure; every warning is one that docs/appinspect.md lists for that file.
"""

from __future__ import annotations

import ctypes.util
import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tools import venv

ROOT = Path(__file__).resolve().parent.parent
REASONS = ROOT / "docs" / "appinspect.md"
REPORT = ROOT / "build" / "appinspect.json"
NEVER = ("error", "failure", "future_failure")
#: With --ci: clean, warnings only, future failures, failures. Anything else means that the tool itself broke.
VERDICTS = (0, 101, 103, 104)
#: Stands in the page where a warning is about the app as a whole.
NO_FILE = "-"


def inspect(tarball: Path) -> int:
    """0 when the tarball passes; else 1, with every reason printed."""
    if not ctypes.util.find_library("magic"):
        print("AppInspect needs libmagic, which is not installed. Debian, Ubuntu: apt install libmagic1")
        return 1
    python = venv.ensure(ROOT / "build" / "venv-inspect", ROOT / "requirements" / "inspect.txt")
    REPORT.unlink(missing_ok=True)
    command = [str(python.with_name("splunk-appinspect")), "inspect", str(tarball), "--mode", "precert"]
    command += ["--included-tags", "cloud", "--skip-trusted-libraries-update", "--ci", "--max-messages", "all"]
    command += ["--data-format", "json", "--output-file", str(REPORT)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode not in VERDICTS or not REPORT.exists():
        print(result.stdout[-4000:])
        print(f"AppInspect itself failed (exit code {result.returncode}).")
        return 1
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    problems, notes = judge(report, listed(REASONS.read_text(encoding="utf-8")))
    for line in (*notes, *problems):
        print(line)
    print(f"AppInspect: {', '.join(f'{count} {what}' for what, count in report['summary'].items())}")
    print("AppInspect gate: " + (f"{len(problems)} problem(s); the report is {REPORT}" if problems else "passed"))
    return 1 if problems else 0


def listed(page: str) -> dict[str, list[str]]:
    """Check -> patterns of the files its warnings are accepted for, from rows with a check, patterns and a reason."""
    rows = re.findall(r"^\| `(check_\w+)` \| ([^|]*\S) +\| *\S[^|]*\|$", page, re.MULTILINE)
    found: dict[str, list[str]] = {}
    for check, where in rows:
        found.setdefault(check, []).extend(re.findall(r"`([^`]+)`", where))
    return found


def judge(report: dict[str, Any], accepted: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    """What fails the gate, and what is only worth a note, one line each."""
    problems, used = [], set()
    for check in _checks(report):
        kind, name = check["result"], check["name"]
        if kind not in (*NEVER, "warning"):
            continue
        for message in check["messages"] or [{"message": "(no message)", "message_filename": None}]:
            file = NO_FILE if message["message_filename"] in (None, "", "None") else message["message_filename"]
            match = next((p for p in accepted.get(name, ()) if kind == "warning" and fnmatch(file, p)), None)
            if match:
                used.add((name, match))
            else:
                problems.append(f"{kind.upper()} {name}: {' '.join(message['message'].split())} [{file}]")
    if any(report["summary"].get(kind, 0) for kind in NEVER) and not problems:
        problems.append("The summary counts errors or failures that no check in the report explains.")
    gone = sorted({(name, p) for name, patterns in accepted.items() for p in patterns} - used)
    return problems, [f"Listed in docs/appinspect.md but gone: {name} for {pattern}" for name, pattern in gone]


def _checks(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [check for app in report["reports"] for group in app["groups"] for check in group["checks"]]
