# mypy: ignore-errors
"""The process behind apps' REST handlers: loads scripts and serves requests until its input ends.

Started by ``sandbox.runner.handlers`` as ``python _sandbox_appserver.py admin SCRIPT``, or as ``... persist`` for the
scripts of any app, which a request names (``{"script", "handler", "param", "request"}``), or as ``... python`` for one
request of that form; runs on Python 3.9 and 3.13
with the standard library only. splunkd's own protocol between these two is not public; this one is ours: on standard
input and output, each message is four bytes of length (big-endian) and that much JSON. The first message out is
``{"ready": true}`` or ``{"error": text}``; then one answer to each request. What the app prints goes to standard error,
so that it cannot garble an answer.
"""

import base64
import importlib
import json
import os
import struct
import sys
import traceback
import types


def main(argv):
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        serve = {"admin": admin, "persist": persistent, "python": plain}[argv[1]](argv[2:])
    except BaseException as error:
        traceback.print_exc()
        send(target, {"error": f"{type(error).__name__}: {error}"})
        return 1
    send(target, {"ready": True})
    while True:
        request = receive(source)
        if request is None:
            return 0
        try:
            answer = serve(request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": {"class": str(type(error)), "text": str(error), "status": status_of(error)}}
        send(target, answer)


def status_of(error):
    """The HTTP status an exception of splunk.admin stands for; None for any other exception."""
    from splunk import RESTException, admin

    if isinstance(error, admin.AdminManagerException):
        return error.status
    return error.statusCode if isinstance(error, RESTException) else None


def receive(stream):
    head = stream.read(4)
    if len(head) < 4:
        return None
    return json.loads(stream.read(struct.unpack(">I", head)[0]))


def send(stream, message):
    data = json.dumps(message).encode()
    stream.write(struct.pack(">I", len(data)) + data)
    stream.flush()


# --- admin_external ---------------------------------------------------------------------------------------------


def admin(arguments):
    """Run the script as ``__main__`` (libraries look there for the app's name); it registers its class."""
    from splunk import admin as shim

    path = arguments[0]
    sys.path[0] = os.path.dirname(path)
    sys.argv = [path]
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    with open(path, "rb") as script:
        exec(compile(script.read(), path, "exec"), module.__dict__)
    if not shim.registered:
        raise RuntimeError(f"{path} registered no handler (no call of admin.init)")
    handler, context = shim.registered[0]
    return lambda request: admin_request(shim, handler, context, request)


def admin_request(shim, handler, context, request):
    actions = {
        shim.ACTION_CREATE: "handleCreate",
        shim.ACTION_LIST: "handleList",
        shim.ACTION_EDIT: "handleEdit",
        shim.ACTION_REMOVE: "handleRemove",
    }
    # Older scripts and libraries look for the key here.
    sys.modules["__main__"].___sessionKey = request["session_key"]
    instance = handler(None, context, request)
    instance.setup()
    check_arguments(shim, instance.supportedArgs, request)
    info = shim.ConfigInfo()
    getattr(instance, actions[request["action"]])(info)
    entries = [{"name": name, "content": dict(item), "metadata": item.metadata} for name, item in info.items()]
    return {"entries": entries, "messages": info.messages}


def check_arguments(shim, supported, request):
    given = request["args"]
    missing = sorted(name for name in supported.required if not given.get(name) or given[name] == [""])
    if missing:
        names = ", ".join(missing)
        raise shim.ArgValidationException(f"The following required arguments are missing: {names}.")
    if request["action"] in (shim.ACTION_LIST, shim.ACTION_REMOVE):
        known = supported.required | supported.optional
        for name in [name for name in given if name not in known]:
            del given[name]
        return
    for name in given:
        wild = any(name.startswith(prefix) for prefix in supported.wildcards)
        if name not in supported.required and name not in supported.optional and not wild:
            raise shim.ArgValidationException(f'Argument "{name}" is not supported by this handler.')


# --- [script:...] with scripttype = persist ---------------------------------------------------------------------


def persistent(_arguments):
    """Serve requests for any script: each is loaded once, and its modules are everybody's in this process."""
    applications = {}

    def serve(request):
        script, handler, param = request["script"], request["handler"], request["param"]
        if (script, handler, param) not in applications:
            folder = os.path.dirname(script)
            if folder not in sys.path:
                sys.path.insert(0, folder)
            module, _, name = handler.rpartition(".")
            made = getattr(importlib.import_module(module), name)([script], param)
            applications[script, handler, param] = made
        return finished(applications[script, handler, param].handle(json.dumps(request["request"]).encode()))

    return serve


def finished(answer):
    """The answer as {"status", "headers": [[name, value]], "body": base64}."""
    if isinstance(answer, (str, bytes)):
        answer = {"payload": answer}
    if not isinstance(answer, dict):
        raise TypeError(f"handle() gave {type(answer).__name__}; a dict or text is expected")
    headers = answer.get("headers") or []
    headers = [[str(name), str(value)] for name, value in (headers.items() if isinstance(headers, dict) else headers)]
    if "payload_base64" in answer:
        body = base64.b64decode(answer["payload_base64"])
    else:
        payload = answer.get("payload", "")
        kind = "text/plain; charset=UTF-8"
        if not isinstance(payload, (str, bytes)):
            payload, kind = json.dumps(payload), "application/json; charset=UTF-8"
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(["Content-Type", kind])
        body = payload.encode() if isinstance(payload, str) else payload
    return {"status": int(answer.get("status", 200)), "headers": headers, "body": base64.b64encode(body).decode()}


# --- [script:...] with scripttype = python ----------------------------------------------------------------------


def plain(_arguments):
    """Serve a request by a class on ``splunk.rest.BaseRestHandler``, whose method is named after the request's."""
    from splunk import RESTException, rest

    def serve(request):
        sys.path.insert(0, os.path.dirname(request["script"]))
        module, _, name = request["handler"].rpartition(".")
        asked, response = request["request"], rest.RestResponse()
        user = asked["session"].get("user", "")
        information = {
            "path": asked["rest_path"], "query": dict(asked["query"]), "form": dict(asked["form"]),
            "payload": asked.get("payload", ""), "headers": dict(asked.get("headers", [])), "method": asked["method"],
            "userName": user, "userId": user, "remoteAddr": asked["connection"]["src_ip"],
        }  # fmt: skip
        try:
            made = getattr(importlib.import_module(module), name)(
                asked["method"], information, response, asked["session"].get("authtoken", "")
            )
            handle = getattr(made, "handle_" + asked["method"], None)
            if handle is None:
                raise RESTException(405, "Method Not Allowed")
            handle()
        except RESTException as error:
            return finished({"status": error.statusCode, "payload": {"messages": error.messages}})
        headers = [[name, str(value)] for name, value in response.headers.items()]
        return finished({"status": response.status, "headers": headers, "payload": b"".join(response.body)})

    return serve


if __name__ == "__main__":
    sys.exit(main(sys.argv))
