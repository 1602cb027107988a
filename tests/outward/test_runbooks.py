"""A ticket has the runbook and the known false positives of its detection, and how to excuse it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from responder.documents import messages, runbooks, text
from responder.documents.document import Bullets, Document
from responder.documents.reports import CaseReport
from responder.findings.finding import Finding
from responder.jira import adf, wiki
from responder.slack import blocks

from sandbox.jira import wiki as jira_reads

CASE = CaseReport("c0ffee")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What the build has written, as it is read for the first time."""
    path = tmp_path / "runbooks.json"
    monkeypatch.setattr(runbooks, "FILE", path)
    runbooks._known.cache_clear()
    yield path
    runbooks._known.cache_clear()


def said(finding: Finding) -> str:
    return text.render(messages.ticket(finding, {}, CASE, [])[1])


def test_a_ticket_has_them_and_begins_with_the_first_step(file: Path, finding: Finding) -> None:
    known = {"runbook": ["Ask the owner.", "Close the port."], "false_positives": ["A bastion host."]}
    file.write_text(json.dumps({finding.signature_id: known}), encoding="utf-8")
    ticket = said(finding)
    assert "To do now: Ask the owner." in ticket
    assert "Runbook\n1. Ask the owner.\n2. Close the port." in ticket
    assert "Known false positives\n- A bastion host." in ticket
    assert '| respondexcuse case=c0ffee days=30 reason="..."' in ticket and "responder_allowed_principals" in ticket


def test_its_steps_are_a_numbered_list_in_every_service(file: Path, finding: Finding) -> None:
    known = {"runbook": ["Ask the owner.", "Close the port."], "false_positives": []}
    file.write_text(json.dumps({finding.signature_id: known}), encoding="utf-8")
    ticket = messages.ticket(finding, {}, CASE, [])[1]
    (listed,) = [node for node in adf.render(ticket)["content"] if node["type"] == "orderedList"]
    texts = [item["content"][0]["content"][0]["text"] for item in listed["content"]]
    assert texts == ["Ask the owner.", "Close the port."]
    assert "<ol><li>Ask the owner.</li><li>Close the port.</li></ol>" in jira_reads.to_html(wiki.render(ticket))
    runbook = Document(tuple(block for block in ticket.blocks if isinstance(block, Bullets) and block.is_numbered))
    assert blocks.render(runbook).blocks[0]["text"]["text"] == "1. Ask the owner.\n2. Close the port."


def test_somebodys_own_alert_has_none(file: Path, finding: Finding) -> None:
    file.write_text(json.dumps({"another_detection": {"runbook": ["x"], "false_positives": []}}), encoding="utf-8")
    assert "Runbook" not in said(replace(finding, signature_id="own_alert"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"security_group_opened": []}', '{"security_group_opened": {}}'])
def test_a_damaged_file_costs_the_runbook_and_not_the_ticket(
    file: Path, finding: Finding, content: str, logged: Any
) -> None:
    file.write_text(content, encoding="utf-8")
    assert "Port 22 was opened" in said(finding) and "Runbook" not in said(finding)
    assert sum("Install the app again" in line for line in logged) == 1
