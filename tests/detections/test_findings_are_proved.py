"""Whatever a shipped detection finds, and a playbook may act on, is proved by the very records it was found in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from detection_samples import NOW, all_samples, as_records, event_of, run
from responder.findings.finding import Finding
from responder.findings.proof import Proof, Proved, Unprovable, prove
from responder.remediation import guide, registry
from responder.splunk.client import Splunkd as Client

from sandbox.splunkd import Splunkd
from workbench.detections.model import Detection


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory: pytest.TempPathFactory, built_app: Path) -> Iterator[Splunkd]:
    with Splunkd(tmp_path_factory.mktemp("proved") / "splunk") as running:
        running.install_app(built_app)
        yield running


ACTED_UPON = [sample for sample in all_samples() if sample.values[0].recommended_playbook]


@pytest.mark.parametrize(("detection", "sample"), ACTED_UPON)
def test_what_a_detection_recommends_a_playbook_for_is_proved(
    splunkd: Splunkd, detection: Detection, sample: Mapping[str, Any]
) -> None:
    for finding in map(Finding.from_row, run(detection, sample)[1]):
        if not finding.recommended_playbook or guide.find(finding.recommended_playbook):
            continue
        splunkd.index.clean("main")
        splunkd.index.add(event_of(record) for record in as_records(sample))
        client = Client(splunkd.uri, splunkd.system_token, pauses=())
        verdict: Proof = prove(client, finding, NOW, registry.get(finding.recommended_playbook).claims(finding))
        # Of a flow or a query there is no record: a person decides.
        expected = Proved if detection.source == "cloudtrail" else Unprovable
        assert isinstance(verdict, expected), (sample["why"], verdict.message)
