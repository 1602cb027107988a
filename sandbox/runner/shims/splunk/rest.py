# mypy: ignore-errors
"""splunk.rest: simpleRequest against the splunkd that started this process."""

import http.client
import json
import os
import ssl
import urllib.parse

import splunk


class _Response(dict):
    """The response headers, with ``status`` and ``reason`` as attributes (httplib2's shape).

    As in httplib2, ``response["status"]`` is the status, too, as text: many apps compare it with ``"200"``.
    """

    def __init__(self, status, reason, headers):
        super().__init__({**headers, "status": str(status)})
        self.status = status
        self.reason = reason


def makeSplunkdUri():
    return os.environ["SPLUNKD_URI"].rstrip("/") + "/"


def simpleRequest(
    path,
    sessionKey=None,
    getargs=None,
    postargs=None,
    method="GET",
    raiseAllErrors=False,
    proxyMode=False,
    rawResult=False,
    timeout=None,
    jsonargs=None,
    token=False,
):
    """(response, bytes). Raises AuthenticationFailed on 401, and with ``raiseAllErrors`` RESTException above 399."""
    if proxyMode:
        splunk.unimplemented("simpleRequest(proxyMode=True)")
    base = urllib.parse.urlsplit(os.environ["SPLUNKD_URI"])
    # As in Splunk, "search/jobs" and "/server/info" are below /services.
    is_short = not path.startswith("/services") and "://" not in path
    target = urllib.parse.urlsplit("/services/" + path.lstrip("/") if is_short else path)
    if target.netloc and target.netloc != base.netloc:
        raise ValueError(f"simpleRequest talks to the local splunkd only, not to {target.netloc}")
    query = "&".join(part for part in (target.query, urllib.parse.urlencode(getargs or {}, doseq=True)) if part)
    key = sessionKey or splunk.getSessionKey()
    headers = {"Authorization": ("Bearer " if token else "Splunk ") + key} if key else {}
    body = None
    if jsonargs is not None:
        method, body, headers["Content-Type"] = "POST", jsonargs, "application/json"
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
    elif postargs:
        method = "POST"
        body = urllib.parse.urlencode(postargs, doseq=True)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if base.scheme == "https":
        trusted = ssl.create_default_context(cafile=os.path.join(os.environ["SPLUNK_ETC"], "auth", "cacert.pem"))
        connection = http.client.HTTPSConnection(base.hostname, base.port, timeout=timeout or 60, context=trusted)
    else:
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=timeout or 60)
    try:
        connection.request(method, target.path + ("?" + query if query else ""), body, headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status == 401 and not rawResult:
        raise splunk.AuthenticationFailed("The session key is not valid.")
    if raiseAllErrors and answer.status > 399:
        raise splunk.RESTException(answer.status, content.decode("utf-8", "replace"))
    lowered = {name.lower(): value for name, value in answer.getheaders()}
    return _Response(answer.status, answer.reason, lowered), content


def is_cert_or_key_encrypted(path):
    """Whether a PEM file holds an encrypted key."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        return any("ENCRYPTED" in line for line in lines)


def getWebCertFile():
    """Splunk Web's certificate: the sandbox serves it without TLS."""
    return None


def getWebKeyFile():
    return None


class BaseRestHandler:
    """What a ``[script:...]`` of restmap.conf with ``scripttype = python`` derives from, made for each request."""

    def __init__(self, method, requestInfo, responseInfo, sessionKey):
        self.method = method
        #: path, query, form, payload, headers, userName, userId, remoteAddr.
        self.request = requestInfo
        self.response = responseInfo
        self.sessionKey = sessionKey
        self.pathParts = requestInfo["path"].strip("/").split("/")
        self.args = {**requestInfo["query"], **requestInfo["form"]}


class RestResponse:
    """``self.response`` of such a handler."""

    def __init__(self):
        self.status = 200
        self.headers = {}
        self.body = []

    def setStatus(self, status):
        self.status = int(status)

    def setHeader(self, name, value):
        self.headers[name] = value

    def write(self, text):
        self.body.append(text if isinstance(text, bytes) else str(text).encode())
