"""A ticket add-on with a history: Add-on Builder's base for its alert action, a broker for its secrets, commands.

It asks for what such add-ons have come to rely on: tokens of the alert and of its results file, the search's
``info.csv`` and job, objects by ``splunk.entity``, paths without ``/services``, Splunk's own logger, and the KV store
by plain HTTPS.
"""

from __future__ import annotations

from pathlib import Path

from guest_kit import from_environment, from_our_build, taucclib, write

APP = "TA_guest_desk"
_FILES = {
    "default/app.conf": """
        [install]
        is_configured = 1

        [ui]
        is_visible = 0
        label = Guest desk

        [launcher]
        version = 1.4.2
        author = guest
    """,
    "default/ta_guest_desk_settings.conf": """
        [additional_parameters]
        jira_url =
        jira_user =
        ca_file =
    """,
    "default/collections.conf": """
        [desk_backlog]
        field.key = string
        field.fingerprint = string
        replicate = false
    """,
    "default/restmap.conf": """
        [script:desk_secret]
        match = /desk_secret
        script = desk_secret.py
        scripttype = persist
        handler = desk_secret.SecretBroker
        passSystemAuth = true
        requireAuthentication = true
        output_modes = json
        python.version = python3
    """,
    "default/commands.conf": """
        [desklook]
        filename = desklook.py
        chunked = true
        python.version = python3
    """,
    "default/alert_actions.conf": """
        [desk_ticket]
        is_custom = 1
        label = Desk ticket
        description = Opens a ticket at the desk, or comments on the one it has
        icon_path = desk.png
        payload_format = json
        python.version = python3
        param.severity = $alert.severity$
        param.trigger_time = $trigger_time$
        param.view_link = $view_link$
        param.file = $results_file$
    """,
    "metadata/default.meta": """
        []
        access = read : [ * ], write : [ admin ]
        export = system
    """,
    "bin/desk_path.py": """
        import os
        import sys

        sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))
        NAME = "TA_guest_desk"
    """,
    # People without the right to read secrets run alerts, too: the system reads it for them.
    "bin/desk_secret.py": """
        import json
        import os
        import sys

        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import desk_path

        from splunk.persistconn.application import PersistentServerConnectionApplication
        from splunk.rest import simpleRequest
        from splunk.util import safeURLQuote


        class SecretBroker(PersistentServerConnectionApplication):
            def __init__(self, _command_line=None, _command_arg=None):
                PersistentServerConnectionApplication.__init__(self)

            def handle(self, in_string):
                token = json.loads(in_string).get("system_authtoken")
                if not token:
                    return {"status": 500, "payload": {"error": "no system token"}}
                path = "/servicesNS/nobody/{}/storage/passwords".format(safeURLQuote(desk_path.NAME))
                response, content = simpleRequest(path, token, getargs={"output_mode": "json", "count": 0})
                held = {item["content"]["username"]: item["content"]["clear_password"]
                        for item in json.loads(content)["entry"]}
                return {"status": 200, "payload": {"held": held}}
    """,
    "bin/desklook.py": """
        import sys

        import desk_path
        import requests
        import splunk.mining.dcutils as dcu
        from splunklib.searchcommands import Configuration, GeneratingCommand, Option, dispatch, validators

        logger = dcu.getLogger()


        @Configuration(distributed=False)
        class DeskLook(GeneratingCommand):
            what = Option(require=True, validate=validators.Set("project", "issuetype", "priority", "status"))

            def generate(self):
                found = {}
                for stanza in self.service.confs["ta_guest_desk_settings"]:
                    if stanza.name == "additional_parameters":
                        found.update(stanza.content)
                secret = [one.content["clear_password"] for one in self.service.storage_passwords
                          if one.content.get("username") == "jira"][0]
                url = "{}/rest/api/latest/{}".format(found["jira_url"], self.what)
                answer = requests.get(url, auth=(found["jira_user"], secret), verify=found["ca_file"], timeout=60)
                logger.info("desklook %s status=%d", self.what, answer.status_code)
                for one in answer.json():
                    yield {"name": one["name"], "kind": (one.get("statusCategory") or {}).get("name", "")}


        dispatch(DeskLook, sys.argv, sys.stdin, sys.stdout, __name__)
    """,
    "bin/desk_ticket.py": """
        import base64
        import csv
        import gzip
        import hashlib
        import json
        import sys

        import desk_path
        import requests
        import splunk.entity
        import splunk.version
        from splunk.rest import simpleRequest
        from splunktaucclib.alert_actions_base import ModularAlertBase


        class DeskTicket(ModularAlertBase):
            def process_event(self, *args, **kwargs):
                self.addinfo()
                self.addjobinfo()
                self.log_info("results of {} in job of {}, Splunk {}".format(
                    self.info.get("_sid"), self.job.get("label"), splunk.version.__version__))
                response, content = simpleRequest(
                    "/desk_secret", sessionKey=self.session_key, getargs={"output_mode": "json"}, rawResult=True)
                if response["status"] != "200":
                    raise ValueError("The broker answers {}".format(content))
                secret = json.loads(content)["held"]["jira"]
                self.settings_of_page = splunk.entity.getEntity(
                    "configs/conf-ta_guest_desk_settings", "additional_parameters", namespace=desk_path.NAME,
                    sessionKey=self.session_key, owner="nobody")
                login = "{}:{}".format(self.settings_of_page["jira_user"], secret)
                self.jira = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
                             "Content-Type": "application/json"}
                self.trusted = self.settings_of_page["ca_file"]
                server = splunk.entity.getEntity(
                    "/server", "settings", namespace=desk_path.NAME, sessionKey=self.session_key, owner="-")
                self.store = "https://localhost:{}/servicesNS/nobody/{}/storage/collections/data/desk_backlog".format(
                    server["mgmtHostPort"], desk_path.NAME)
                for event in self.get_events():
                    self.tell(event)
                return 0

            def tell(self, event):
                issue = self.settings_of_page["jira_url"] + "/rest/api/2/issue"
                fields = {"project": {"key": self.get_param("project")}, "issuetype": {"name": "Task"},
                          "summary": self.get_param("summary"),
                          "description": "severity {} at {}: {}".format(
                              self.get_param("severity"), self.get_param("trigger_time"), self.get_param("view_link"))}
                data = json.dumps({"fields": fields}, indent=4)
                print_of = hashlib.md5((self.get_param("summary") + event["user"]).encode()).hexdigest()
                splunkd = {"Authorization": "Splunk " + self.session_key, "Content-Type": "application/json"}
                known = requests.get(self.store + "/" + print_of, headers=splunkd, verify=self.trusted, timeout=60)
                if known.status_code == 200:
                    key = known.json()["key"]
                    # Such add-ons send the ticket's text along with the question.
                    state = self.send_http_request(issue + "/" + key + "?fields=status", "GET", payload=data,
                                                   headers=self.jira, verify=self.trusted, timeout=60, use_proxy=False)
                    name = state.json()["fields"]["status"]["name"]
                    self.log_info("{} is {}".format(key, name))
                    if name != "Done":
                        body = json.dumps({"body": "Again: " + self.get_param("summary")})
                        said = self.send_http_request(issue + "/" + key + "/comment", "POST", payload=body,
                                                      headers=self.jira, verify=self.trusted, timeout=60,
                                                      use_proxy=False)
                        self.log_info("comment status={}".format(said.status_code))
                        return
                made = self.send_http_request(issue, "POST", payload=data, headers=self.jira, verify=self.trusted,
                                              timeout=60, use_proxy=False)
                key = made.json()["key"]
                record = {"_key": print_of, "fingerprint": print_of, "key": key}
                kept = requests.post(self.store + ("/" + print_of if known.status_code == 200 else ""),
                                     headers=splunkd, data=json.dumps(record), verify=self.trusted, timeout=60)
                self.log_info("kept status={}".format(kept.status_code))
                with gzip.open(self.get_param("file"), "rt", newline="") as results:
                    rows = results.read()
                attached = requests.post(
                    issue + "/" + key + "/attachments", files={"file": ("rows.csv", rows, "text/csv")},
                    headers={"Authorization": self.jira["Authorization"], "X-Atlassian-Token": "no-check"},
                    verify=self.trusted, timeout=60)
                self.log_info("attached status={} rows={}".format(
                    attached.status_code, len(list(csv.reader(rows.splitlines()))) - 1))


        if __name__ == "__main__":
            sys.exit(DeskTicket(desk_path.NAME, "desk_ticket").run(sys.argv))
    """,
}


def build(folder: Path, app_dir: Path) -> Path:
    """The add-on's folder."""
    app = write(folder / APP, _FILES)
    lib = app / "lib"
    lib.mkdir()
    taucclib(lib)
    from_environment(lib, "solnlib", "splunk-sdk", "sortedcontainers", "defusedxml", "deprecation", "packaging")
    from_our_build(lib, app_dir, ("requests", "urllib3", "certifi", "idna", "charset_normalizer", "socks"))
    return app
