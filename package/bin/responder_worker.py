"""Modular input responder_worker: the thin door to responder/inputs/worker.py."""

# isort: off
import import_declare_test  # noqa: F401 - first, since it puts lib/ on the path

import sys

from splunklib import modularinput

from responder import libraries
from responder.errors import ResponderError
from responder.health import heartbeats
from responder.inputs import excuse_notices, protection_notices, retention, unread_shapes, upgrades, worker
from responder.inputs.scheme import scheme
from responder.log_values import quoted
from responder.logs import to_file
from responder.splunk.client import Splunkd


class Worker(modularinput.Script):
    """Each interval: finish the tasks that are due."""

    def get_scheme(self):
        description = "Finishes what alert actions left undone: retries, restarts, time-outs."
        return scheme("CloudTrail Responder worker", description)

    def validate_input(self, definition):
        interval = definition.parameters.get("interval") or "60"
        if not interval.isdigit() or not 10 <= int(interval) <= 3600:
            raise ValueError("Interval must be a number of seconds between 10 and 3600.")

    def _interval(self, inputs):
        intervals = [stanza.get("interval") or "" for stanza in inputs.inputs.values()]
        return float(next((text for text in intervals if text.isdigit()), "60"))

    def stream_events(self, inputs, ew):
        to_file("cloudtrail_responder_worker")
        splunkd = Splunkd(inputs.metadata["server_uri"], inputs.metadata["session_key"])
        try:
            upgrades.run_when_due(splunkd)
        except ResponderError as error:
            ew.log("ERROR", f"The update is not finished: {error}")
        try:
            libraries.require_our_own()
            with heartbeats.beating(splunkd, self._interval(inputs)):
                reports = worker.run_once(splunkd, interval=self._interval(inputs))
        except ResponderError as error:
            ew.log("ERROR", str(error))
            return
        try:
            retention.run_when_due(splunkd)
        except ResponderError as error:
            ew.log("ERROR", f"What is over was not removed: {error}")
        unread_shapes.tell_when_due(splunkd)
        protection_notices.announce_when_due(splunkd)
        excuse_notices.announce_when_due(splunkd)
        owed = [report for report in reports if report.waiting_for in ("person", "approval", "service")]
        ew.log("INFO", f"tasks={len(reports)} owed={len(owed)}")
        for report in owed:
            ew.log("WARN", f"task={report.task} reason={quoted(report.message)}")


if __name__ == "__main__":
    sys.exit(Worker().run(sys.argv))
