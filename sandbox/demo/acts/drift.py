"""Undo touches nothing that somebody has changed since."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof, public_access_block
from sandbox.demo.stage import Stage

TITLE, ORDER = "Undo where somebody has changed it since", 30
FLAGS = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}


def play(stage: Stage) -> Iterator[Proof]:
    (chapter,) = [one for one in stage.chapters if one.step.playbook == "block_public_bucket"]
    stage.somebody.client("s3").put_public_access_block(
        Bucket=stage.estate.bucket, PublicAccessBlockConfiguration=FLAGS
    )
    answer = stage.post("undo", task=chapter.remediation_task)
    now = public_access_block(stage.world.aws, stage.estate)
    said = next((report["message"] for report in answer.get("reports") or ()), str(answer))
    holds = now == FLAGS and f"changed after the remediation by {stage.somebody.identity['arn']}" in said
    yield Proof("The undo stops, says what somebody changed, and asks a person", holds, said)
