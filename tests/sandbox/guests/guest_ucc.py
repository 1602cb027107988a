"""An add-on as Splunk's UCC framework builds it: accounts, settings, an input, an alert action that files tickets."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from guest_kit import ROOT, from_environment, from_our_build, taucclib, write

APP = "TA_guest_tickets"
_UCC = ROOT / "build" / "venv" / "bin" / "ucc-gen"
_INSTALLER = ROOT / "build" / "venv-lib" / "bin" / "python"

#: How the tickets are filed, in the style of add-ons made by Splunk's Add-on Builder.
_FILE_TICKET = """
    import base64
    import json


    def process_event(helper, *args, **kwargs):
        helper.set_log_level(helper.log_level)
        helper.log_info("Alert action file_ticket started.")
        account = helper.get_user_credential_by_account_id(helper.get_param("account"))
        login = base64.b64encode("{username}:{password}".format(**account).encode()).decode()
        for event in helper.get_events():
            helper.log_debug("event={}".format(json.dumps(event)))
            response = helper.send_http_request(
                account["url"] + "/rest/api/2/issue",
                "POST",
                payload={
                    "fields": {
                        "project": {"key": helper.get_param("project")},
                        "issuetype": {"name": "Task"},
                        "summary": "{}: {}".format(helper.get_param("prefix"), event.get("user")),
                        "description": event.get("_raw", ""),
                    }
                },
                headers={"Authorization": "Basic " + login, "Accept": "application/json"},
                verify=helper.get_global_setting("ca_file") or True,
                timeout=30,
            )
            if response.status_code != 201:
                helper.log_error("status={} {}".format(response.status_code, response.text))
                return 4
            helper.log_info("ticket={}".format(response.json()["key"]))
            helper.addevent(json.dumps(response.json()), sourcetype="guest:ticket")
        helper.writeevents(index="main", host="localhost", source="file_ticket")
        return 0
"""

_INPUT = """
    import json

    import import_declare_test
    from solnlib import conf_manager, log
    from splunklib import modularinput as smi

    APP = import_declare_test.ta_name


    def validate_input(definition):
        if definition.parameters["project"] == "NOWHERE":
            raise ValueError("There is no project NOWHERE.")


    def stream_events(inputs, event_writer):
        for name, item in inputs.inputs.items():
            logger = log.Logs().get_logger(APP.lower() + "_tickets")
            key = inputs.metadata["session_key"]
            logger.setLevel(conf_manager.get_log_level(logger=logger, session_key=key, app_name=APP,
                                                       conf_name=APP.lower() + "_settings"))
            realm = "__REST_CREDENTIAL__#{}#configs/conf-{}_account".format(APP, APP.lower())
            manager = conf_manager.ConfManager(key, APP, realm=realm)
            account = manager.get_conf(APP.lower() + "_account").get(item["account"])
            event_writer.write_event(smi.Event(
                data=json.dumps({"project": item["project"], "as": account["username"],
                                 "secret": len(account["password"])}),
                index=item["index"], sourcetype="guest:project",
            ))
            log.events_ingested(logger, name, "guest:project", 1, item["index"], account=item["account"])
"""


def _text(field: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "label": field.title(), "field": field, "required": True, **more}


def _config() -> dict[str, Any]:
    name = _text(
        "name",
        validators=[{"type": "regex", "pattern": r"^[a-zA-Z]\w*$", "errorMsg": "Begin with a letter."}],
    )
    accounts = {
        "name": "account",
        "title": "Account",
        "table": {"actions": ["edit", "delete", "clone"], "header": [{"label": "Name", "field": "name"}]},
        "entity": [
            name,
            _text("url", validators=[{"type": "regex", "pattern": "^https://", "errorMsg": "Only https"}]),
            _text("username"),
            _text("password", encrypted=True),
        ],
    }
    more = {"name": "additional_parameters", "title": "More", "entity": [_text("ca_file", required=False)]}
    account = {
        "type": "singleSelect",
        "label": "Account",
        "field": "account",
        "required": True,
        "options": {"referenceName": "account"},
    }
    tickets = {
        "name": "guest_tickets",
        "title": "Tickets",
        "inputHelperModule": "guest_tickets_helper",
        "entity": [
            name,
            {"type": "interval", "field": "interval", "label": "Interval", "defaultValue": "300", "required": True},
            {"type": "index", "field": "index", "label": "Index", "defaultValue": "main", "required": True},
            account,
            _text("project"),
        ],
    }
    alert = {
        "name": "file_ticket",
        "label": "File a ticket",
        "description": "Files one ticket for each result",
        "customScript": "file_ticket_logic",
        "entity": [
            {**account, "options": {"items": [{"value": "jira", "label": "jira"}]}},
            _text("project"),
            _text("prefix", required=False),
        ],
    }
    header = [{"label": "Name", "field": "name"}]
    return {
        "meta": {
            "name": APP,
            "restRoot": APP,
            "displayName": "Guest tickets",
            "version": "1.0.0",
            "schemaVersion": "0.0.10",
        },
        "pages": {
            "configuration": {"title": "Configuration", "tabs": [accounts, more, {"type": "loggingTab"}]},
            "inputs": {
                "title": "Inputs",
                "services": [tickets],
                "table": {"actions": ["edit", "delete"], "header": header},
            },
        },
        "alerts": [alert],
    }


_MANIFEST = {
    "schemaVersion": "2.0.0",
    "info": {
        "title": "Guest tickets",
        "id": {"group": None, "name": APP, "version": "1.0.0"},
        "author": [{"name": "guest", "email": None, "company": None}],
        "description": "A guest of the sandbox",
        "classification": {"intendedAudience": None, "categories": [], "developmentStatus": None},
    },
    "supportedDeployments": ["_standalone"],
    "targetWorkloads": ["_search_heads"],
}


def build(folder: Path, app_dir: Path) -> Path:
    """The add-on's folder, built below ``folder`` by the ucc-gen that builds our own app; skips where there is none."""
    if not (_UCC.exists() and _INSTALLER.exists()):
        pytest.skip("ucc-gen is not there; ./build.sh makes its environment")
    package, out = folder / "package", folder / "out"
    write(
        package,
        {
            "app.manifest": json.dumps(_MANIFEST),
            "default/app.conf": "[launcher]\nauthor = guest\n",
            "bin/file_ticket_logic.py": _FILE_TICKET,
            "bin/guest_tickets_helper.py": _INPUT,
        },
    )
    config = folder / "globalConfig.json"
    config.write_text(json.dumps(_config()), encoding="utf-8")
    lib = package / "lib"
    lib.mkdir()
    taucclib(lib)
    from_environment(lib, "solnlib", "splunk-sdk", "sortedcontainers", "defusedxml", "deprecation", "packaging")
    from_our_build(lib, app_dir, ("requests", "urllib3", "certifi", "idna", "charset_normalizer", "socks"))
    command = [str(_UCC), "build", "--source", str(package), "--config", str(config), "--output", str(out)]
    command += ["--ta-version", "1.0.0", "--python-binary-name", str(_INSTALLER), "--pip-version", "26.0.1"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    built = out / APP
    assert done.returncode == 0 and (built / "VERSION").exists(), done.stdout[-4000:]
    for compiled in built.rglob("__pycache__"):
        shutil.rmtree(compiled)
    return built
