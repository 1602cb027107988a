"""Persistent REST endpoints of the app (restmap.conf): a thin door to responder/endpoints."""

import os
import sys

BIN = os.path.dirname(os.path.abspath(__file__))
# splunkd's persistent process starts elsewhere: neither our code nor our libraries are on its path.
if BIN not in sys.path:
    sys.path.insert(0, BIN)

from responder import libraries  # noqa: E402

libraries.first_on_path()

from responder.endpoints import dispatch  # noqa: E402
from responder.logs import to_file  # noqa: E402
from splunk.persistconn.application import PersistentServerConnectionApplication  # noqa: E402

to_file("cloudtrail_responder_executor")


class Handler(PersistentServerConnectionApplication):
    """Every endpoint of the app, told apart by its path; one warm process serves them all."""

    def __init__(self, command_line, command_arg):
        super().__init__()

    def handle(self, in_string):
        return dispatch.answer(in_string)
