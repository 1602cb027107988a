"""What README and docs give people to type: each search and each curl, as it stands there, by an administrator."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from sandbox.world import APP
from tests.e2e.conftest import Site
from tools.smoke.client import Refused, Splunk

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "docs" / "detections" / "README.md", *sorted((ROOT / "docs").glob("*.md")))
#: In a block of its own, or in a line.
_BLOCK = re.compile(r"^    (\| .+|\(?index=.+)$", re.M)
_INLINE = re.compile(r"(?<!`)`(\| (?:respond\w+|inputlookup) [^`]+)`(?!`)")
_WITH_MACRO = re.compile(r"``\s(`[a-z_]+` .+?)\s``")
_CURL = re.compile(r"^    (curl (?:.*\\\n)*.*)$", re.M)
#: A task that nobody has.
TASK = "0123456789abcdef0123.remediate.0123456789abcdef"


@pytest.fixture
def python_version(one_version: str) -> str:
    """What is typed is the same on each."""
    return one_version


def _found(pattern: re.Pattern[str]) -> list[str]:
    texts = (page.read_text(encoding="utf-8") for page in PAGES)
    return list(dict.fromkeys(match for text in texts for match in pattern.findall(text)))


#: The same on two lines and on one is run once.
SEARCHES = list(
    {" ".join(found.split()): found for pattern in (_BLOCK, _INLINE, _WITH_MACRO) for found in _found(pattern)}.values()
)


def test_the_searches_are_found() -> None:
    for words in ("| responderhealth", "| respondundo", "| inputlookup", "(index=cim_modactions", "`cloudtrail_respon"):
        assert any(found.startswith(words) for found in SEARCHES), words


@pytest.fixture
def admin(site: Site) -> Splunk:
    return Splunk(site.world.splunkd.uri, None).login("admin", "changeme1")


@pytest.mark.extended
def test_each_search_runs(site: Site, admin: Splunk) -> None:
    uploaded = site.world.home / "etc" / "apps" / APP / "lookups" / "partners.csv"
    uploaded.parent.mkdir(exist_ok=True)
    uploaded.write_text("account,reason,owner,expires\n444455556666,partner,platform,\n", encoding="utf-8")
    for found in SEARCHES:
        asked = found.replace("task=...", f"task={TASK}").replace("=...", "=c1")
        try:
            admin.search(asked)
        except Refused as refused:
            # It was understood: this site has no such task or case, and none of its limits was reached.
            known = ("No limit is reached for", "is recorded. Take the ID from the ticket")
            understood = [f"as task {TASK}", f"No task {TASK}", *known, "That is not the key of a task"]
            assert any(text in str(refused) for text in understood), (asked, refused)


def test_each_curl_is_answered(site: Site, admin: Splunk) -> None:
    app = f"{site.world.splunkd.uri}/servicesNS/nobody/{APP}"
    variables = {"APP": f"{app}/{APP}", "TOKEN": admin.authorization.partition(" ")[2], "PATH": os.environ["PATH"]}
    commands = _found(_CURL)
    assert len(commands) == 6
    for command in commands:
        typed = re.sub(rf"https://[^/\s]+/servicesNS/nobody/{APP}", app, command).replace("curl ", "curl -sS ", 1)
        typed = typed.replace("-u admin ", "-u admin:changeme1 ").replace('"task": "..."', f'"task": "{TASK}"')
        done = subprocess.run(["bash", "-c", typed], env=variables, capture_output=True, text=True)
        named = re.search(r'"input": "(\w+)"', command)
        # This site has no such input: an answer that names it has understood the request.
        understood = named.group(1) if named else TASK if "$TOKEN" in command else '"_key"'
        assert understood in done.stdout, (command, done)
    (kept,) = site.world.documents("responder_automation_roles")
    assert (kept["role"], kept["max_severity"]) == ("terraform", "high")
