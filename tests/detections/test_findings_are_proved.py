"""Whatever a shipped detection finds, and a playbook may act on, is proved by the very records it was found in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from detection_samples import NOW, all_samples, as_records, event_of, run
from responder.findings.claims import Claim, caller, ingress_rules, resource_at
from responder.findings.finding import Finding
from responder.findings.proof import Proof, Proved, prove
from responder.splunk.client import Splunkd as Client
from tools.detections.model import Detection

from sandbox.splunkd import Splunkd


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory: pytest.TempPathFactory, built_app: Path) -> Iterator[Splunkd]:
    with Splunkd(tmp_path_factory.mktemp("proved") / "splunk") as running:
        running.install_app(built_app)
        yield running


#: What the shipped playbooks act on.
CLAIMS: dict[str, Callable[[Finding], list[Claim]]] = {
    "restart_trail_logging": lambda finding: [resource_at(finding.object_id, "cloudtrail", "name")],
    "block_public_bucket": lambda finding: [resource_at(finding.object_id, "s3", "bucketName")],
    "revoke_open_ingress": lambda finding: ingress_rules(finding.object_id, finding.detail["rules"]),
    "deactivate_access_key": lambda finding: [caller(finding.access_key_id, finding.vendor_account)],
}
ACTED_UPON = [sample for sample in all_samples() if sample.values[0].recommended_playbook]


@pytest.mark.parametrize(("detection", "sample"), ACTED_UPON)
def test_what_a_detection_recommends_a_playbook_for_is_proved(
    splunkd: Splunkd, detection: Detection, sample: Mapping[str, Any]
) -> None:
    for finding in map(Finding.from_row, run(detection, sample)[1]):
        if not finding.recommended_playbook:
            continue
        splunkd.index.clean("main")
        splunkd.index.add(event_of(record) for record in as_records(sample))
        client = Client(splunkd.uri, splunkd.system_token, pauses=())
        verdict: Proof = prove(client, finding, NOW, CLAIMS[finding.recommended_playbook](finding))
        assert isinstance(verdict, Proved), (sample["why"], verdict.message)
