"""Every detection that matters has an answer: a playbook, a guide for a person, or the reason for neither."""

from __future__ import annotations

from detection_samples import DETECTIONS, of_each

from tools import playbooks
from workbench.detections.model import SEVERITIES, Detection

ANSWERS = {playbook.id for playbook in playbooks.load()} | set(playbooks.guides())
MEDIUM = SEVERITIES.index("medium")


@of_each
def test_it_is_answered(detection: Detection) -> None:
    named = detection.recommended_playbook
    assert named is None or named in ANSWERS, f"there is no {named}"
    if SEVERITIES.index(detection.severity) >= MEDIUM:
        assert named or len(detection.no_playbook) > 20, "say why nothing answers it (no_playbook)"


def test_most_of_them_are_answered_by_a_playbook() -> None:
    automatic = {playbook.id for playbook in playbooks.load()}
    assert sum(one.recommended_playbook in automatic for one in DETECTIONS) >= 85
    assert len(automatic) >= 36
