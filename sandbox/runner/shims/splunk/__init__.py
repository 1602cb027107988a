# mypy: ignore-errors
"""The few Python modules that only Splunk has, as far as app libraries use them. Anything else raises.

Runs on Python 3.9 and 3.13, inside the app's process. ``unimplemented`` is the answer to names not listed here.
"""


class SplunkdException(Exception):
    pass


class RESTException(SplunkdException):
    """An HTTP error that a REST handler answers with."""

    def __init__(self, statusCode, messages=None, extendedMessages=None):
        self.statusCode = int(statusCode)
        self.msg = messages
        self.extendedMessages = extendedMessages
        self.messages = messages if isinstance(messages, list) else [{"type": "ERROR", "text": str(messages)}]
        super().__init__(f"[HTTP {statusCode}] {messages}")


class AuthenticationFailed(RESTException):
    def __init__(self, messages=None):
        super().__init__(401, messages)


class AuthorizationFailed(RESTException):
    def __init__(self, messages=None):
        super().__init__(403, messages)


class ResourceNotFound(RESTException):
    def __init__(self, messages=None):
        super().__init__(404, messages)


class InternalServerError(RESTException):
    def __init__(self, messages=None):
        super().__init__(500, messages)


class BadRequest(RESTException):
    def __init__(self, messages=None):
        super().__init__(400, messages)


_session_key = None


def getSessionKey():
    """The key given to setDefault; None when there is none."""
    return _session_key


def setDefault(name, value=None):
    global _session_key
    if name != "sessionKey":
        unimplemented(f"setDefault({name!r})")
    _session_key = value


def unimplemented(what):
    raise NotImplementedError(f"the sandbox's splunk module has no {what}; see sandbox/runner/shims")


def __getattr__(name):
    # Dunder names are asked for by Python's own machinery (inspect, pickle), which expects AttributeError.
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(f"the sandbox's splunk module has no {name!r}; see sandbox/runner/shims")
