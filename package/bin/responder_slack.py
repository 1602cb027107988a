"""Modular input responder_slack: the thin door to responder/inputs/slack_answers.py."""

# isort: off
import import_declare_test  # noqa: F401 - first, since it puts lib/ on the path

import sys

from splunklib import modularinput

from responder import libraries
from responder.errors import ResponderError
from responder.inputs import slack_answers
from responder.inputs.scheme import scheme
from responder.inputs.stopping import stopping
from responder.logs import to_file
from responder.splunk.client import Splunkd


class SlackAnswers(modularinput.Script):
    """Runs for as long as people can answer in Slack; ends at once where they cannot."""

    def get_scheme(self):
        description = "Takes what people click and type in Slack, by Socket Mode. No inbound port."
        return scheme("CloudTrail Responder answers from Slack", description)

    def validate_input(self, definition):
        interval = definition.parameters.get("interval") or "60"
        if not interval.isdigit() or not 10 <= int(interval) <= 3600:
            raise ValueError("Interval must be a number of seconds between 10 and 3600.")

    def stream_events(self, inputs, ew):
        to_file("cloudtrail_responder_slack")
        splunkd = Splunkd(inputs.metadata["server_uri"], inputs.metadata["session_key"])
        try:
            libraries.require_our_own()
            slack_answers.run(splunkd, stopping())
        except ResponderError as error:
            ew.log("ERROR", str(error))


if __name__ == "__main__":
    sys.exit(SlackAnswers().run(sys.argv))
