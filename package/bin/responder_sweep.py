"""Modular input responder_sweep: the thin door to responder/inputs/sweep."""

# isort: off
import import_declare_test  # noqa: F401 - first, since it puts lib/ on the path

import sys

from splunklib import modularinput

from responder import libraries
from responder.errors import ResponderError
from responder.inputs.scheme import scheme
from responder.inputs.sweep import run
from responder.inputs.sweep.settings import SCHEME, SweepSettings
from responder.log_values import quoted
from responder.logs import to_file
from responder.splunk.client import Splunkd

ARGUMENTS = (
    "look_for", "accounts", "regions", "actions", "mode", "playbook", "jira_site", "project", "slack_workspace",
    "channel", "notifier", "target", "calls", "same_case_days",
)  # fmt: skip


class Sweep(modularinput.Script):
    """Each interval: look for what is wrong in AWS now."""

    def get_scheme(self):
        description = "Looks in AWS itself for what is wrong, also where no event tells of it."
        return scheme("CloudTrail Responder sweep", description, ARGUMENTS)

    def validate_input(self, definition):
        name = str(definition.metadata.get("name") or "").rpartition("://")[2]
        SweepSettings.from_stanza(name, definition.parameters)

    def stream_events(self, inputs, ew):
        to_file("cloudtrail_responder_sweep")
        splunkd = Splunkd(inputs.metadata["server_uri"], inputs.metadata["session_key"])
        for stanza, values in inputs.inputs.items():
            try:
                libraries.require_our_own()
                interval = values.get("interval") or ""
                seconds = float(interval) if interval.isdigit() else 120.0
                swept = run.run_once(splunkd, stanza[len(f"{SCHEME}://") :], values, seconds)
            except ResponderError as error:
                ew.log("ERROR", f"sweep={quoted(stanza)} {error}")
                continue
            if swept is None:
                continue
            said = vars(swept).items()
            counts = " ".join(f"{name}={value}" for name, value in said if name != "problems")
            ew.log("INFO", f"sweep={quoted(stanza)} {counts} problems={len(swept.problems)}")
            for problem in swept.problems[:20]:
                ew.log("WARN", f"sweep={quoted(stanza)} problem={quoted(problem)}")


if __name__ == "__main__":
    sys.exit(Sweep().run(sys.argv))
