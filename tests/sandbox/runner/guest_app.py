"""A small third-party app, written to a Splunk home: nothing of it comes from UCC or from our app."""

from __future__ import annotations

from pathlib import Path

APP = "guest"
FILES = {
    "default/app.conf": """
[install]
is_configured = 1
[launcher]
version = 1.0.0
author = guest
[package]
id = guest
""",
    "metadata/default.meta": """
[]
access = read : [ * ], write : [ admin ]
export = system
""",
    "default/alert_actions.conf": """
[guest_echo]
is_custom = 1
label = Echo
payload_format = json
param.greeting = hello
param.empty =
param.who = $result.user$

[guest_xml]
is_custom = 1
label = XML
maxtime = 1
alert.execute.cmd = xml_action.py
alert.execute.cmd.arg.1 = second
alert.execute.cmd.arg.0 = first

[guest_builtin]
label = Not ours
""",
    # What it was given goes to a file beside the results, so that a test can look at it.
    "bin/guest_echo.py": """
import csv, gzip, json, os, sys
payload = json.load(sys.stdin)
rows = []
if payload["results_file"]:
    with gzip.open(payload["results_file"], "rt", newline="") as f:
        rows = list(csv.DictReader(f))
seen = {"payload": payload, "rows": rows, "argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(),
        "path": sys.path, "version": list(sys.version_info[:2])}
with open(os.path.join(os.environ["SPLUNK_HOME"], "seen-%d.json" % os.getpid()), "w") as f:
    json.dump(seen, f)
print("printed")
print("WARN careful", file=sys.stderr)
print("just a line", file=sys.stderr)
sys.exit(int(payload["configuration"].get("exit", "0")))
""",
    "bin/xml_action.py": """
import sys, time, xml.etree.ElementTree as ET
root = ET.fromstring(sys.stdin.buffer.read())
parameters = {p.get("name"): p.text for p in root.iter("param")}
print(parameters.get("say"), root.find("search_name").text, *sys.argv[1:], flush=True)
time.sleep(float(parameters.get("sleep", "0")))
""",
    "default/restmap.conf": """
[script:guest_ask]
match = /guest/ask
script = guest_rest.py
scripttype = persist
handler = guest_rest.Ask
passPayload = true
passSystemAuth = true
python.version = python3

[script:guest_old]
match = /guest/old
script = guest_old.py
handler = guest_old.Old
python.version = python3

[admin_external:guest_things]
handlertype = python
handlerfile = guest_admin.py
handleractions = list, create, edit
handlerpersistentmode = true
python.version = python3

[admin:guest]
match = /
members = guest_things
""",
    "default/web.conf": """
[expose:guest_ask]
pattern = guest/ask
methods = GET, POST
""",
    "bin/guest_rest.py": """
import json, os, time
from splunk.persistconn.application import PersistentServerConnectionApplication

class Ask(PersistentServerConnectionApplication):
    def __init__(self, command_line, command_arg):
        super().__init__()
        self.served = 0

    def handle(self, in_string):
        print("this must not garble the answer")
        request = json.loads(in_string.decode("utf-8"))
        self.served += 1
        payload = json.loads(request.get("payload") or "{}")
        if payload.get("raise"):
            raise ValueError("asked to fail")
        if payload.get("die"):
            os._exit(9)
        time.sleep(payload.get("sleep", 0))
        return {"status": 201, "payload": {"pid": os.getpid(), "served": self.served, "request": request}}
""",
    "bin/guest_old.py": """
import os
import splunk, splunk.rest

class Old(splunk.rest.BaseRestHandler):
    def handle_GET(self):
        if self.args.get("gone"):
            raise splunk.ResourceNotFound("It is gone.")
        self.response.setStatus(202)
        self.response.setHeader("content-type", "text/plain")
        self.response.setHeader("x-who", self.request["userName"])
        answer, _ = splunk.rest.simpleRequest("/services/authentication/current-context", sessionKey=self.sessionKey)
        self.response.write("%s %s %s" % (os.getpid(), self.pathParts[-1], answer.status))

    def handle_POST(self):
        self.response.write(self.request["payload"] + " " + self.args["color"])
""",
    "bin/guest_admin.py": """
import splunk.admin as admin

class Things(admin.MConfigHandler):
    def setup(self):
        if self.requestedAction == admin.ACTION_CREATE:
            self.supportedArgs.addReqArg("color")
            self.supportedArgs.addOptArg("size")

    def handleList(self, confInfo):
        confInfo["one"]["color"] = "red"
        confInfo["one"].setMetadata("eai:acl", {"app": self.appName})
        if self.callerArgs.id == "bad":
            raise admin.NotFoundException("no such thing")
        if self.callerArgs.id == "odd":
            raise RuntimeError("odd thing")

    def handleCreate(self, confInfo):
        confInfo[self.callerArgs.id]["color"] = self.callerArgs.data["color"][0]

admin.init(Things, admin.CONTEXT_APP_ONLY)
""",
    "default/inputs.conf": """
[guest_feed]
interval = 60
index = main
sourcetype = guest:thing

[guest_feed://often]
interval = 1
word = tick

[guest_feed://once]
interval = -1
word = once

[guest_feed://off]
interval = 1
disabled = 1

[script://./bin/guest_script.py one two]
interval = 3600
sourcetype = guest:line
passAuth = splunk-system-user
python.version = python3
disabled = 1

[script://$SPLUNK_HOME/etc/apps/guest/bin/guest_script.sh]
interval = 3600
source = shell
sourcetype = guest:line
disabled = 1

[script:///usr/bin/uptime]
disabled = 1
""",
    "README/inputs.conf.spec": """
[guest_feed://<name>]
word = <string>
""",
    "bin/guest_feed.py": '''
import os, sys, xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

SCHEME = """<scheme><title>Guest feed</title><use_external_validation>true</use_external_validation>
<use_single_instance>false</use_single_instance><streaming_mode>xml</streaming_mode>
<endpoint><args>
<arg name="word"><title>Word</title><required_on_create>true</required_on_create></arg></args></endpoint>
</scheme>"""

if "--scheme" in sys.argv:
    print(SCHEME)
elif "--validate-arguments" in sys.argv:
    items = ET.fromstring(sys.stdin.read())
    word = {p.get("name"): p.text for p in items.iter("param")}.get("word", "")
    if not word.isalpha():
        print("<error><message>word must be letters, not %s</message></error>" % escape(word))
        sys.exit(1)
else:
    root = ET.fromstring(sys.stdin.read())
    print("INFO fed as %s" % root.find("session_key").text, file=sys.stderr)
    stanza = root.find("configuration/stanza")
    values = {p.get("name"): p.text for p in stanza.iter("param")}
    checkpoint = os.path.join(root.find("checkpoint_dir").text, "runs")
    with open(checkpoint, "a") as f:
        f.write(stanza.get("name") + "\\n")
    print("<stream><event stanza=\\"%s\\"><time>1700000000.5</time><data>%s &lt;b&gt;</data><source>guest.py</source>"
          "</event><event unbroken=\\"1\\"><data>half </data></event><event unbroken=\\"1\\"><data>whole</data>"
          "<sourcetype>guest:other</sourcetype><done/></event></stream>"
          % (escape(stanza.get("name")), escape(values.get("word", ""))))
''',
    "bin/guest_script.py": """
import sys
key = sys.stdin.readline().strip()
print("%d arguments, key %s" % (len(sys.argv) - 1, "given" if key else "none"))
print("second")
""",
    "bin/guest_script.sh": "echo from a shell\n",
    "default/commands.conf": """
[guestgen]
filename = guestgen.py
chunked = true
python.version = python3
""",
    "bin/guestgen.py": """
import json, re, sys

def read():
    head = re.match(rb"chunked 1.0,(\\d+),(\\d+)\\n", sys.stdin.buffer.readline())
    metadata = json.loads(sys.stdin.buffer.read(int(head[1])))
    sys.stdin.buffer.read(int(head[2]))
    return metadata

def write(metadata, body=""):
    text = json.dumps(metadata).encode()
    data = body.encode()
    sys.stdout.buffer.write(b"chunked 1.0,%d,%d\\n" % (len(text), len(data)) + text + data)
    sys.stdout.buffer.flush()

info = read()["searchinfo"]
options = dict(arg.split("=", 1) for arg in info["args"])
count = int(options.get("count", "2"))
if count > 100:
    write({"inspector": {"messages": [["ERROR", "Illegal value: count=%d" % count]]}})
    sys.exit(1)
write({"generating": True, "type": "stateful"})
assert read()["action"] == "execute"
rows = "".join('%d,%s,"a\\nb",$a$;$b$\\r\\n' % (n, info["username"]) for n in range(count))
write({"finished": True}, "n,user,list,__mv_list\\r\\n" + rows)
""",
}


def install(home: Path, app: str = APP) -> Path:
    """Write the app below ``home/etc/apps``; give back its folder."""
    folder = home / "etc" / "apps" / app
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip("\n"), encoding="utf-8")
    return folder
