"""Lets time pass for tasks that the app has put off: the one place that touches the app's documents."""

from __future__ import annotations

import json
import time

from tests.chaos.cluster import UNKNOWN_OUTCOME_SECONDS, Cluster

TASKS, DUE_AT = "responder_tasks", "due_at"


def pull_forward(cluster: Cluster) -> int:
    """Make what is put off due in a moment, as an administrator by the KV store's REST API; how many there were.

    Not at once: an effect whose outcome is unknown is looked up no sooner than the app would. Nobody else reads or
    writes documents meanwhile, since a document can only be replaced as a whole.
    """
    world = cluster.world
    with cluster.gate.exclusive():
        # As if the pauses were over for which a service is left alone.
        breakers = json.dumps({"_key": {"$gte": "breaker:", "$lt": "breaker;"}})
        world.rest("DELETE", "storage/collections/data/responder_marks", params={"query": breakers}).raise_for_status()
        due = time.time() + UNKNOWN_OUTCOME_SECONDS
        later = world.documents(TASKS, {DUE_AT: {"$gt": due + 0.1}})
        for task in later:
            path = f"storage/collections/data/{TASKS}/{task['_key']}"
            world.rest("POST", path, json={**task, DUE_AT: due}).raise_for_status()
    return len(later)
