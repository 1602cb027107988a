"""A hand-written app: a modular input on splunk-sdk's Script, and a persistent REST handler over a KV store."""

from __future__ import annotations

from pathlib import Path

from guest_kit import from_environment, write

APP = "guest_feed"
_FILES = {
    "default/app.conf": """
        [launcher]
        version = 0.3
        [ui]
        is_visible = 1
        label = Guest feed
    """,
    "default/inputs.conf": """
        [guest_numbers]
        interval = 30
        sourcetype = guest:number
        step = 1
    """,
    "README/inputs.conf.spec": """
        [guest_numbers://<name>]
        * Counts from where it stopped.
        step = <integer>
        user = <string>
    """,
    "bin/guest_numbers.py": """
        import os
        import sys

        sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
        from urllib.parse import urlsplit

        from splunklib import client
        from splunklib.modularinput import Argument, Event, EventWriter, Scheme, Script


        class Numbers(Script):
            def get_scheme(self):
                scheme = Scheme("Numbers")
                scheme.description = "Counts"
                scheme.use_external_validation = True
                scheme.add_argument(Argument("step", data_type=Argument.data_type_number, required_on_create=True))
                scheme.add_argument(Argument("user", required_on_edit=False))
                return scheme

            def validate_input(self, definition):
                if int(definition.parameters["step"]) < 1:
                    raise ValueError("step must be 1 or more, not %s" % definition.parameters["step"])

            def stream_events(self, inputs, ew):
                for name, item in inputs.inputs.items():
                    kind, short = name.split("://", 1)
                    path = os.path.join(inputs.metadata["checkpoint_dir"], short)
                    last = int(open(path).read()) if os.path.exists(path) else 0
                    uri = urlsplit(inputs.metadata["server_uri"])
                    service = client.connect(scheme=uri.scheme, host=uri.hostname, port=uri.port, owner="nobody",
                                             app="guest_feed", token=inputs.metadata["session_key"])
                    key = [p.clear_password for p in service.storage_passwords if p.username == item["user"]]
                    ew.log(EventWriter.INFO, "%s on %s goes on after %d" % (name, self.service.info.serverName, last))
                    for number in range(last + int(item["step"]), last + 3 * int(item["step"]) + 1, int(item["step"])):
                        ew.write_event(Event(data="number=%d key_length=%d" % (number, len(key[0])), stanza=name,
                                             time="1700000%03d.000" % number, source="counter"))
                    with open(path, "w") as file:
                        file.write(str(number))


        if __name__ == "__main__":
            sys.exit(Numbers().run(sys.argv))
    """,
    "default/collections.conf": """
        [guest_notes]
        field.text = string
    """,
    "default/restmap.conf": """
        [script:guest_notes]
        match = /guest_notes
        script = guest_notes_handler.py
        scripttype = persist
        handler = guest_notes_handler.NotesHandler
        requireAuthentication = true
        output_modes = json
        passPayload = true
        passHttpHeaders = true
        passHttpCookies = true
        capability.post = rest_properties_set
    """,
    "default/web.conf": """
        [expose:guest_notes]
        pattern = guest_notes
        methods = GET, POST

        [expose:guest_notes_one]
        pattern = guest_notes/*
        methods = GET, DELETE
    """,
    "metadata/default.meta": """
        []
        access = read : [ * ], write : [ admin, power ]
        export = system
    """,
    "bin/guest_notes_handler.py": """
        import json
        import logging
        import os
        import sys

        import splunk
        import splunk.rest as rest
        from splunk.appserver.mrsparkle.lib.util import make_splunkhome_path
        from splunk.clilib import cli_common
        from splunk.persistconn.application import PersistentServerConnectionApplication

        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(sys.stdin.fileno(), os.O_BINARY)

        logger = logging.getLogger("guest_notes")
        logger.setLevel(logging.INFO)
        logger.addHandler(logging.FileHandler(make_splunkhome_path(["var", "log", "splunk", "guest_notes.log"])))

        DATA = "/servicesNS/nobody/guest_feed/storage/collections/data/guest_notes"


        class NotesHandler(PersistentServerConnectionApplication):
            def __init__(self, _command_line, _command_arg):
                super(PersistentServerConnectionApplication, self).__init__()

            def handle(self, in_string):
                request = json.loads(in_string.decode("utf-8"))
                query = dict(request.get("query", []))
                key = request["session"]["authtoken"]
                logger.info("%s %s by %s", request["method"], request["path_info"], request["session"]["user"])
                try:
                    return {"status": 200, "payload": self.answer(request, query, key)}
                except splunk.ResourceNotFound:
                    return {"status": 404, "payload": {"error": "no such note"}}

            def answer(self, request, query, key):
                if request["method"] == "POST":
                    form = dict(request["form"])
                    text = form.get("text") or json.loads(request["payload"])["text"]
                    response, content = rest.simpleRequest(
                        DATA, sessionKey=key, method="POST", jsonargs=json.dumps({"text": text}),
                        getargs={"output_mode": "json"}, raiseAllErrors=True)
                    return json.loads(content)
                if request["path_info"]:
                    response, content = rest.simpleRequest(DATA + "/" + request["path_info"], sessionKey=key,
                                                           method=request["method"])
                    if response.status == 404:
                        raise splunk.ResourceNotFound()
                    return json.loads(content) if content else {}
                response, content = rest.simpleRequest(DATA, sessionKey=key,
                                                       getargs={"sort": query.get("sort", "text")})
                return {"notes": [note["text"] for note in json.loads(content)], "splunkd": cli_common.getMgmtUri(),
                        "port": cli_common.getConfKeyValue("web", "settings", "mgmtHostPort")}
    """,
}


def build(folder: Path) -> Path:
    """The app's folder."""
    app = write(folder / APP, _FILES)
    from_environment(app / "lib", "splunk-sdk", "deprecation", "packaging")
    return app
