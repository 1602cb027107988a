"""Every detection that matters has an answer: a playbook, a guide for a person, or the reason for neither."""

from __future__ import annotations

import re

from detection_samples import DETECTIONS, of_each

from tools import playbooks
from workbench.detections.model import SEVERITIES, Detection
from workbench.detections.pages import page

PLAYBOOKS, GUIDES = {playbook.id: playbook for playbook in playbooks.load()}, playbooks.guides()
ANSWERS = {*PLAYBOOKS, *GUIDES}
MEDIUM = SEVERITIES.index("medium")


@of_each
def test_it_is_answered(detection: Detection) -> None:
    named = detection.recommended_playbook
    assert named is None or named in ANSWERS, f"there is no {named}"
    if SEVERITIES.index(detection.severity) >= MEDIUM:
        assert named or len(detection.no_playbook) > 20, "say why nothing answers it (no_playbook)"


@of_each
def test_its_page_names_what_the_answer_needs(detection: Detection) -> None:
    (row,) = [
        line for line in page(detection, PLAYBOOKS, GUIDES).splitlines() if "the playbook's permissions" in line
    ] or [""]
    playbook = PLAYBOOKS.get(detection.recommended_playbook or "")
    needed = {permission.action for permission in playbook.permissions} if playbook else set()
    assert set(re.findall(r"`([\w-]+:\w+)`", row)) == needed


def test_most_of_them_are_answered_by_a_playbook() -> None:
    automatic = {playbook.id for playbook in playbooks.load()}
    assert sum(one.recommended_playbook in automatic for one in DETECTIONS) >= 85
    assert len(automatic) >= 36
