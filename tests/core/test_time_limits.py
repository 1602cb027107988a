"""What was made for a time ends, whatever became of the remediation that made it."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.errors import Rejected, Unavailable
from responder.remediation import runner
from responder.remediation.evidence import EvidenceStore
from responder.remediation.model import Call, Resource, Step
from responder.remediation.outcome import Outcome

BUCKET = Resource("bucket", "AWS::S3::Bucket", "123456789012", "eu-central-1")
STEP = Step("PublicAccessBlock", None, "all", Call("s3", "put_public_access_block"))


class TestWhatWasMadeForATime:
    @pytest.fixture
    def limited(self, core: Any) -> str:
        """A remediation whose change is for an hour."""
        core.save("settings", "safety", playbook_time_limits="block_public_bucket=1")
        return str(core.record(finding(1), "remediate", playbook="block_public_bucket", mode="enforce"))

    def make(self, core: Any, key: str) -> None:
        client = core.client()
        store = EvidenceStore(client, key, core.clock)
        store.conclude(store.intend("block_public_bucket", BUCKET, STEP, None), "done")

    def undos(self, core: Any) -> list[Any]:
        return [task for task in core.tasks() if task["kind"] == "remediation.undo"]

    def test_ends_though_the_remediation_was_refused_in_the_middle(
        self, core: Any, limited: str, monkeypatch: Any
    ) -> None:
        def refused(*_: Any) -> Outcome:
            self.make(core, limited)
            return Outcome("block_public_bucket", "enforce", "refused", "The kill switch is on.")

        monkeypatch.setattr(runner, "run", refused)
        (report,) = core.run(limited)
        (undo,) = self.undos(core)
        assert report.state == "refused" and undo["_key"] in core.task(limited).outcome.message
        assert undo["due_at"] == pytest.approx(core.clock() + 3600, abs=60)

    @pytest.mark.parametrize("error", [Unavailable("AWS is away."), Rejected("AWS does not take it.")], ids=str)
    def test_ends_though_the_remediation_has_failed_in_the_middle(
        self, core: Any, limited: str, monkeypatch: Any, error: Exception
    ) -> None:
        def fails(*_: Any) -> Outcome:
            self.make(core, limited)
            raise error

        monkeypatch.setattr(runner, "run", fails)
        core.run(limited)
        (undo,) = self.undos(core)
        assert undo["due_at"] == pytest.approx(core.clock() + 3600, abs=60)

    def test_needs_no_end_where_nothing_was_made(self, core: Any, limited: str, monkeypatch: Any) -> None:
        def refused(*_: Any) -> Outcome:
            return Outcome("block_public_bucket", "enforce", "refused", "The kill switch is on.")

        monkeypatch.setattr(runner, "run", refused)
        core.run(limited)
        assert self.undos(core) == []
