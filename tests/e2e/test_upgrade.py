"""The built app's worker, as splunkd starts it, finishes an update."""

from __future__ import annotations

GONE = "CloudTrail Responder - Detection of an old version"


def test_the_worker_disables_what_is_left_of_a_detection_that_is_gone(site):
    world = site.world
    confs = world.splunkd.confs
    # Once more, as if the app came from a version that kept no marks.
    world.rest("DELETE", "storage/collections/data/responder_marks").raise_for_status()
    confs.set("savedsearches", "cloudtrail_responder", GONE, {"cron_schedule": "*/5 * * * *", "enableSched": "1"})
    (instance,) = [found for found in world.runner.inputs.instances() if found.scheme == "responder_worker"]
    try:
        world.runner.inputs.run_once(instance)
        left = confs.layer("cloudtrail_responder", "local", "savedsearches")[GONE]
        assert (left["disabled"], left["cron_schedule"]) == ("1", "*/5 * * * *")
        assert [GONE in message.text for message in world.splunkd.bulletin.all()] == [True]
        marks = {mark["_key"]: mark["value"] for mark in world.documents("responder_marks")}
        assert marks["schema"] == "1"
        assert "CloudTrail Responder - CloudTrail trail deleted" in marks["shipped_searches"]
    finally:
        confs.remove("savedsearches", "cloudtrail_responder", GONE)
        world.splunkd.bulletin.remove("cloudtrail_responder_retired_searches")
