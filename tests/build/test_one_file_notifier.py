"""A notifier is one file: the choice on the setup page, its client and its health line are made from it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from source_tree import SourceTree

NOTIFIER = '''
"""A pager that takes plain text."""

from __future__ import annotations

from ..documents import text
from ..http_gate import Limits
from .base import Message, Notifier


class Pager(Notifier):
    """A pager."""

    type = "pager"
    label = "Pager"
    takes_pings = True
    limits = Limits(interval=1.0)
    content_type = "text/plain"

    def render(self, message: Message) -> bytes:
        return f"{message.id} {text.render(message.document)}".encode()

    def headers(self, message_id: str, content: bytes, now: float) -> dict[str, str]:
        return {"X-Pager": "1"}


NOTIFIER = Pager
'''
#: What the build reads of it, in an environment without the app's libraries.
GENERATE = """
import json, sys
from pathlib import Path
from tools.alert_actions import global_config
tabs = global_config(Path(sys.argv[1]))["pages"]["configuration"]["tabs"]
(tab,) = [tab for tab in tabs if tab["name"] == "notifier"]
(field,) = [field for field in tab["entity"] if field["field"] == "type"]
print(json.dumps([field["options"]["autoCompleteFields"], field["validators"][0]["pattern"]]))
"""
#: As the engine would.
SEND = """
import http.server, sys, threading
sys.path.insert(0, sys.argv[1])
from responder.documents.document import Document, Heading
from responder.engine.services import Services
from responder.notifiers.base import FINDING, Message
from responder.settings.model import Http, NotifierEntry
from responder.settings.secret import Secret

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        print(self.headers["X-Pager"], self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
entry = NotifierEntry("a", "pager", Secret(f"http://127.0.0.1:{server.server_port}/x"))
client = Services().notifier(entry, Http())
client.send(client.render(Message(FINDING, "m-1", "c", 0.0, Document((Heading("Trail stopped"),)), {})))
print(client.check())
server.shutdown()
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> SourceTree:
    made = SourceTree.copy(tmp_path_factory.mktemp("one_notifier") / "tree", cached=False)
    before = made.sources()
    file = "package/bin/responder/notifiers/pager.py"
    (made.path / file).write_text(NOTIFIER)
    assert made.sources().keys() - before.keys() == {file}, "one file, and no other"
    return made


def test_the_setup_page_offers_it(tree: SourceTree) -> None:
    command = [sys.executable, "-S", "-c", GENERATE, str(tree.path)]
    done = subprocess.run(command, cwd=tree.path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    options, pattern = json.loads(done.stdout)
    assert {"value": "pager", "label": "Pager"} in options and pattern == "^(teams|pager|webhook)$"


def test_messages_are_sent_by_it(tree: SourceTree) -> None:
    command = [sys.executable, "-c", SEND, str(tree.path / "package" / "bin")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, ping, said = done.stdout.splitlines()
    assert first == "1 m-1 Trail stopped"
    assert ping.startswith("1 ping-") and said == "The receiver accepted a signed ping."
