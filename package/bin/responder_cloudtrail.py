"""Modular input responder_cloudtrail: the thin door to responder/inputs/cloudtrail.py."""

# isort: off
import import_declare_test  # noqa: F401 - first, since it puts lib/ on the path

import sys

from splunklib import modularinput

from responder import libraries
from responder.errors import ResponderError
from responder.ingest.settings import ARGUMENTS, SCHEME, IngestSettings
from responder.inputs import cloudtrail
from responder.inputs.scheme import scheme
from responder.inputs.stopping import stopping
from responder.log_values import quoted
from responder.logs import to_file
from responder.splunk.client import Splunkd


class CloudTrail(modularinput.Script):
    """Runs for as long as splunkd lets it; ends at once when a back-fill is done."""

    def get_scheme(self):
        description = "Brings CloudTrail's log files from S3 into the index, each record once."
        return scheme("CloudTrail Responder: CloudTrail", description, ARGUMENTS)

    def validate_input(self, definition):
        name = str(definition.metadata.get("name") or "").rpartition("://")[2]
        IngestSettings.from_stanza(name, definition.parameters)

    def stream_events(self, inputs, ew):
        to_file("cloudtrail_responder_cloudtrail")
        splunkd = Splunkd(inputs.metadata["server_uri"], inputs.metadata["session_key"])
        folder, stop = inputs.metadata["checkpoint_dir"], stopping()
        for stanza, values in inputs.inputs.items():
            try:
                libraries.require_our_own()
                cloudtrail.run(splunkd, stanza[len(f"{SCHEME}://") :], values, folder, stop)
            except ResponderError as error:
                ew.log("ERROR", f"input={quoted(stanza)} {error}")


if __name__ == "__main__":
    sys.exit(CloudTrail().run(sys.argv))
