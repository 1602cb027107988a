"""The guard and the clients on what Splunk runs them on: its two Pythons, and the libraries that the app ships."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn

SCRIPT = """
import json, sys
app, jira_url, email, jira_token, slack_api, slack_token, webhook = sys.argv[1:]
sys.path[:0] = [app + "/lib", app + "/bin"]
from responder.documents.document import Document, Paragraph, plain
from responder.jira.client import NewTicket, Tickets
from responder.settings.model import Http, JiraSite, SlackWorkspace
from responder.settings.secret import Secret
from responder.slack.client import Chat

document = Document((Paragraph((plain("text"),)),))
tickets = Tickets(JiraSite("test", "cloud", jira_url, email, Secret(jira_token), "SEC"), Http())
workspace = SlackWorkspace("test", "bot", Secret(slack_token), default_channel="C0SECALERT", api_url=slack_api)
bot = Chat(workspace, Http())
hook = Chat(SlackWorkspace("test", "webhook", webhook_url=Secret(webhook)), Http())
new = NewTicket("SEC", "Task", "Summary", document, ("ctr-c0ffee",), "m")
outcomes = []

def stop():
    raise ZeroDivisionError("stopped")

for write in (
    lambda guard: tickets.create(new, before_send=guard).key,
    lambda guard: tickets.comment("SEC-1", document, "m", before_send=guard),
    lambda guard: bot.post("", document, "m", before_send=guard).channel,
    lambda guard: hook.post("", document, "m", before_send=guard).channel,
):
    try:
        outcomes.append(write(stop))
    except ZeroDivisionError as error:
        outcomes.append(str(error))
    asked = []
    outcomes.append(write(lambda: asked.append(True)))
    outcomes.append(len(asked))
outcomes.append(tickets.find("m", "ctr-c0ffee", 0).key)
outcomes.append(tickets.find_comment("SEC-1", "m", 0))
outcomes.append(bot.find("", "m", 0).channel)
outcomes.append(tickets.status("SEC-1").open)
print(json.dumps(outcomes))
"""


def test_a_write_asks_its_guard_and_is_found_again(app_dir: Path, interpreter: Path) -> None:
    with JiraStandIn("cloud") as jira, SlackStandIn() as slack:
        credentials = [jira.url, jira.credentials.email, jira.credentials.api_token]
        credentials += [slack.credentials.api_url, slack.credentials.bot_token, slack.credentials.webhook_url]
        command = [str(interpreter), "-I", "-S", "-B", "-c", SCRIPT, str(app_dir), *credentials]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        outcomes = json.loads(result.stdout)
        assert outcomes == [
            *("stopped", "SEC-1", 1),
            *("stopped", "10000", 1),
            *("stopped", "C0SECALERT", 1),
            *("stopped", "", 1),
            *("SEC-1", "10000", "C0SECALERT", True),
        ]
        assert [r.path.rpartition("/")[2] for r in jira.requests if r.method == "POST"] == ["issue", "comment", "list"]
        assert len(slack.messages()) == 2
