# mypy: ignore-errors
"""splunk.admin: the base class of ``admin_external`` handlers, and ``init``, which hands the class to the sandbox."""

import splunk

ACTION_CREATE = 1
ACTION_LIST = 2
ACTION_EDIT = 4
ACTION_REMOVE = 8
ACTION_MEMBERS = 16
ACTION_RELOAD = 32
CONTEXT_NONE = 1
CONTEXT_APP_ONLY = 2
CONTEXT_APP_AND_USER = 3

EAI_ENTRY_ACL = "eai:acl"
EAI_META_PREFIX = "eai:"

#: What the script registered: (handler class, context). Read by sandbox/runner/appserver.
registered = []


class AdminManagerException(Exception):
    """An error that the caller sees as HTTP ``status``."""

    status = 400


class ArgValidationException(AdminManagerException):
    pass


class BadActionException(AdminManagerException):
    status = 405


class NotFoundException(AdminManagerException):
    status = 404


class AlreadyExistsException(AdminManagerException):
    status = 409


class InternalException(AdminManagerException):
    status = 500


class HandlerSetupException(AdminManagerException):
    status = 500


class ServiceUnavailableException(AdminManagerException):
    status = 503


class SupportedArgs:
    """The arguments an action takes, and those it must have."""

    def __init__(self):
        self.required = set()
        self.optional = set()
        self.wildcards = set()

    def addReqArg(self, name):
        self.required.add(name)

    def addOptArg(self, name):
        (self.wildcards if name.endswith("*") else self.optional).add(name.rstrip("*"))


class CallerArgs:
    """What the caller sent: ``id`` (None on a collection) and ``data``, {name: [value, ...]}."""

    def __init__(self, id, data):
        self.id = id
        self.data = data

    def __getitem__(self, name):
        return self.data[name]

    def __contains__(self, name):
        return name in self.data

    def get(self, name, default=None):
        return self.data.get(name, default)


class ConfigItem(dict):
    """One entry of the answer: content, and metadata such as ``eai:acl``."""

    def __init__(self):
        super().__init__()
        self.metadata = {}
        self.actions = None

    def append(self, name, value):
        self.setdefault(name, []).append(value)

    def setMetadata(self, name, value):
        self.metadata[name] = value


class ConfigInfo(dict):
    """The entries of the answer; reading an unknown one makes it."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def __missing__(self, name):
        item = self[name] = ConfigItem()
        return item

    def addInfoMsg(self, text):
        self.messages.append(("INFO", text))

    def addWarnMsg(self, text):
        self.messages.append(("WARN", text))

    def addErrorMsg(self, text):
        self.messages.append(("ERROR", text))


class MConfigHandler:
    """One request. The subclass declares its arguments in ``setup`` and answers in ``handleList`` and so on."""

    def __init__(self, scriptMode, ctxInfo, request=None):
        self.ctxInfo = ctxInfo
        self.requestedAction = request["action"]
        self.customAction = request.get("custom_action") or ""
        self.callerArgs = CallerArgs(request.get("id"), request["args"])
        self.supportedArgs = SupportedArgs()
        self.appName = request["app"]
        self.userName = request["user"]
        self.context = ctxInfo
        self.maxCount = int(request.get("count", 30))
        self.posOffset = int(request.get("offset", 0))
        self.sortAscending = request.get("sort_dir", "asc") != "desc"
        self.sortByKey = request.get("sort_key", "")
        self.shouldAutoList = True
        self._session_key = request["session_key"]

    def getSessionKey(self):
        return self._session_key

    def hasName(self):
        return bool(self.callerArgs.id)

    def setup(self):
        raise NotImplementedError(f"{type(self).__name__} has no setup()")

    def readConf(self, confName):
        splunk.unimplemented(f"admin.MConfigHandler.readConf; ask configs/conf-{confName} over REST")

    def writeConf(self, confName, stanzaName, settingsDict):
        splunk.unimplemented(f"admin.MConfigHandler.writeConf; post to configs/conf-{confName} over REST")


def init(handler, ctxInfo=CONTEXT_NONE, handlerPersistentMode=None):
    """Register the handler class of this script. splunkd's own process then serves requests with it."""
    registered[:] = [(handler, ctxInfo)]
