# mypy: ignore-errors
"""splunk.persistconn.application: the base class of persistent REST handlers."""


class PersistentServerConnectionApplication:
    """One instance serves the requests of its process, one after the other."""

    def __init__(self, command_line=None, command_arg=None):
        pass

    def handle(self, in_string):
        """Answer one request (JSON, as bytes): a dict of status, payload and headers, or text."""
        raise NotImplementedError("PersistentServerConnectionApplication.handle")

    def handleStream(self, handle, in_string):
        raise NotImplementedError("PersistentServerConnectionApplication.handleStream")

    def done(self):
        """Called when splunkd hangs up."""
