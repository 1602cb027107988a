"""The .conf files of the built app: what splunkd will make of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools.alert_actions import global_config
from tools.merge_conf import stanzas
from workbench.detections.model import load

ROOT = Path(__file__).resolve().parents[2]
CONFIG = global_config(ROOT)
ACTIONS = [alert["name"] for alert in CONFIG["alerts"]]
#: Stanzas that start Python, by file.
STARTS_PYTHON = {
    "alert_actions.conf": r".*",
    "inputs.conf": r"[^:]+",
    "restmap.conf": r"(admin_external|script):.*",
    "commands.conf": r".*",
}


def conf(app_dir: Path, name: str) -> dict[str, dict[str, str]]:
    """Settings by stanza; a file that is not there has none."""
    path = app_dir / name
    found = stanzas(path.read_text(encoding="utf-8")) if path.exists() else {}
    split = {stanza: [line.partition("=") for line in lines] for stanza, lines in found.items()}
    return {stanza: {key.strip(): value.strip() for key, _, value in lines} for stanza, lines in split.items()}


@pytest.mark.parametrize(("file", "names"), STARTS_PYTHON.items())
def test_every_stanza_that_starts_python_says_which(app_dir: Path, file: str, names: str) -> None:
    """Splunk up to 10.0 reads python.version, 10.2 and newer python.required."""
    for name, stanza in conf(app_dir, f"default/{file}").items():
        if name and re.fullmatch(names, name):
            assert stanza["python.required"] == "3.9, 3.13", name
            assert stanza["python.version"] == "python3", name


@pytest.mark.parametrize("action", ACTIONS)
def test_an_alert_action_is_complete(app_dir: Path, action: str) -> None:
    stanza = conf(app_dir, "default/alert_actions.conf")[action]
    assert stanza["payload_format"] == "json"
    assert (stanza["maxtime"], stanza["ttl"], stanza["track_alert"]) == ("5m", "10p", "1")
    assert stanza["forceCsvResults"] == "true"
    # The handler of ad hoc runs refuses a parameter that is not there, blank or not.
    declared = next(alert for alert in CONFIG["alerts"] if alert["name"] == action)
    assert {key for key in stanza if key.startswith("param.")} == {
        "param._cam",
        *(f"param.{entity['field']}" for entity in declared["entity"]),
    }
    assert (app_dir / "appserver" / "static" / stanza["icon_path"]).read_bytes().startswith(b"\x89PNG")
    assert (app_dir / "bin" / f"{action}.py").is_file()
    assert (app_dir / "default" / "data" / "ui" / "alerts" / f"{action}.html").is_file()


#: CIM's recommendations for ``param._cam``; kinds of subject by their first part.
CATEGORIES = {
    "Information Conveyance",
    "Information Gathering",
    "Information Tracking",
    "Permissions Control",
    "Device Control",
}
CAM_TASKS = {"block", "allow", "create", "update", "delete", "scan"}
SUBJECTS = r"device|splunk\.event|threat\.artifact|(endpoint|network|process)\.[a-z-]+"


@pytest.mark.parametrize("action", ACTIONS)
def test_enterprise_security_offers_an_action_on_its_findings(app_dir: Path, action: str) -> None:
    cam = json.loads(conf(app_dir, "default/alert_actions.conf")[action]["param._cam"])
    assert cam["category"] and set(cam["category"]) <= CATEGORIES
    assert cam["task"] and set(cam["task"]) <= CAM_TASKS
    assert cam["subject"] and all(re.fullmatch(SUBJECTS, subject) for subject in cam["subject"])
    assert all({"vendor", "product"} <= set(one) for one in cam["technology"]) and cam["technology"]
    assert cam["supports_adhoc"] is True and cam["supports_cloud"] is True
    assert cam.get("supports_workers", False) is False, "CIM would queue it instead of running it"
    assert "$sid$" in cam["drilldown_uri"] and "$rid$" in cam["drilldown_uri"]
    assert {"required_params", "field_name_params"} & set(cam) == set(), "every parameter is optional"


def test_our_own_scripts_replace_the_generated_ones(app_dir: Path) -> None:
    """UCC's read the settings with the alert owner's rights; ours record tasks."""
    source = ROOT / "package" / "bin" / "responder_worker.py"
    assert (app_dir / "bin" / source.name).read_bytes() == source.read_bytes()
    for name in ACTIONS:
        script = (app_dir / "bin" / f"{name}.py").read_text()
        assert f'main("{name[len("responder_"):]}")' in script and "import_declare_test" not in script


@pytest.mark.parametrize(
    ("path", "capability"),
    [
        ("record", "cloudtrail_responder_run"),
        ("execute", "cloudtrail_responder_run"),
        ("undo", "cloudtrail_responder_undo"),
        ("approve", "cloudtrail_responder_approve"),
        ("retry", "cloudtrail_responder_approve"),
    ],
)
def test_an_endpoint_is_reached_with_its_capability_only(app_dir: Path, path: str, capability: str) -> None:
    stanza = conf(app_dir, "default/restmap.conf")[f"script:cloudtrail_responder_{path}"]
    assert stanza["match"] == f"/cloudtrail_responder/{path}"
    assert stanza["handler"] == "responder_executor.Handler"
    assert (stanza["scripttype"], stanza["script"]) == ("persist", "responder_executor.py")
    assert {stanza[key] for key in ("requireAuthentication", "passSystemAuth", "passPayload", "passSession")} == {
        "true"
    }
    assert stanza["capability"] == stanza["capability.post"] == capability
    assert "class Handler(" in (app_dir / "bin" / "responder_executor.py").read_text()


def test_the_roles_hold_the_documented_capabilities_and_no_other(app_dir: Path) -> None:
    """Of Splunk's own rights only what saving an alert needs, and credentials for whoever keeps the setup page."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("### Whose rights", 1)[1].split("\n\n", 2)[1]
    documented: dict[str, set[str]] = {}
    for line in table.splitlines()[2:]:
        names, capabilities = (re.findall(r"`(\w+)`", cell) for cell in line.split(" | ")[1:3])
        documented.update({f"role_{name}": set(capabilities) for name in names})
    shipped = conf(app_dir, "default/authorize.conf")
    roles = {name: stanza for name, stanza in shipped.items() if name.startswith("role_")}
    assert {name: {key for key in stanza if key != "importRoles"} for name, stanza in roles.items()} == documented
    assert {stanza[key] for stanza in roles.values() for key in stanza if key != "importRoles"} == {"enabled"}
    assert {name: roles[name].get("importRoles", "") for name in roles} == {
        "role_cloudtrail_responder": "user",
        "role_cloudtrail_responder_analyst": "user",
        "role_cloudtrail_responder_admin": "user",
        "role_admin": "",
        "role_sc_admin": "",
    }
    declared = {name.removeprefix("capability::") for name in shipped if name.startswith("capability::")}
    assert declared == documented["role_admin"]


@pytest.mark.parametrize("group", ["configuration", "inputs"])
def test_the_setup_page_is_the_administrators(app_dir: Path, group: str) -> None:
    stanza = conf(app_dir, "default/restmap.conf")[f"admin:cloudtrail_responder_{group}"]
    methods = ("get", "post", "put", "delete")
    assert {stanza[f"capability.{method}"] for method in methods} == {"cloudtrail_responder_admin"}


@pytest.mark.parametrize("collection", ["responder_tasks", "responder_evidence"])
def test_alert_owners_cannot_write_claims_and_evidence(app_dir: Path, collection: str) -> None:
    stanza = conf(app_dir, "metadata/default.meta")[f"collections/{collection}"]
    assert stanza["access"].endswith("write : [ admin, sc_admin ]")


OURS_ALONE = ("cases", "tasks", "evidence", "approvals", "changes", "marks", "incidents")


@pytest.mark.parametrize("collection", OURS_ALONE)
def test_what_decides_what_is_done_is_written_by_the_system_only(app_dir: Path, collection: str) -> None:
    """Whoever could write it could have tasks of his own run with the system's rights."""
    stanza = conf(app_dir, "metadata/default.meta")[f"collections/responder_{collection}"]
    assert stanza["access"].endswith("write : [ admin, sc_admin ]") and "export" not in stanza


def test_nobody_but_administrators_writes_a_lookup_and_the_apps_own_only_the_lists(app_dir: Path) -> None:
    meta, collections = conf(app_dir, "metadata/default.meta"), conf(app_dir, "default/collections.conf")
    for name in filter(None, collections):
        is_list = name == "responder_accounts" or "field.reason" in collections[name]
        writers = "admin, sc_admin, cloudtrail_responder_admin" if is_list else "admin, sc_admin"
        assert meta[f"collections/{name}"]["access"].endswith(f"write : [ {writers} ]"), name


def test_the_actions_are_offered_in_every_app(app_dir: Path) -> None:
    meta = conf(app_dir, "metadata/default.meta")
    assert meta["alert_actions"]["export"] == meta["alerts"]["export"] == "system"


def test_every_collection_the_code_names_is_there(app_dir: Path) -> None:
    """splunkd answers 404 for a collection that no collections.conf has."""
    named = set()
    for path in (app_dir / "bin" / "responder").rglob("*.py"):
        named |= set(re.findall(r'^[A-Z_]+ = "(responder_[a-z_]+)"$', path.read_text(encoding="utf-8"), re.MULTILINE))
    collections = conf(app_dir, "default/collections.conf")
    assert named and named <= set(collections)
    assert {collections[name]["enforceTypes"] for name in collections if name} == {"true"}


def test_every_lookup_reads_a_collection_and_its_fields(app_dir: Path) -> None:
    collections, transforms = conf(app_dir, "default/collections.conf"), conf(app_dir, "default/transforms.conf")
    stores = [name for name in transforms if transforms[name].get("external_type") == "kvstore"]
    assert {"responder_accounts", "responder_allowed_networks", "responder_allowed_countries"} <= set(stores)
    for name in stores:
        of = collections[transforms[name]["collection"]]
        fields = {key.removeprefix("field.") for key in of if key.startswith("field.")}
        listed = set(re.split(r",\s*", transforms[name]["fields_list"]))
        if name in ("responder_cases", "responder_tasks"):
            # Those that a person looks at; requests, findings and claims are the app's own.
            assert "_key" in listed and listed - {"_key"} <= fields
        else:
            # An expiry has no type, so that empty cells of a CSV file are no error.
            assert listed - {"expires"} == fields | {"_key"}


def test_addresses_are_matched_by_network(app_dir: Path) -> None:
    assert conf(app_dir, "default/transforms.conf")["responder_allowed_networks"]["match_type"] == "CIDR(cidr)"


def test_tickets_have_the_runbook_of_every_detection(app_dir: Path) -> None:
    stored = json.loads((app_dir / "bin" / "responder" / "documents" / "runbooks.json").read_text(encoding="utf-8"))
    known = {one.id: one for one in load(ROOT / "detections")}
    assert stored.keys() == known.keys()
    for name, detection in known.items():
        assert stored[name] == {
            "runbook": list(detection.runbook),
            "false_positives": list(detection.false_positives),
        }


def test_pages_and_endpoints_know_every_detection_and_pack(app_dir: Path) -> None:
    stored = json.loads((app_dir / "bin" / "responder" / "findings" / "shipped.json").read_text(encoding="utf-8"))
    saved = conf(app_dir, "default/savedsearches.conf")
    assert {one["search_name"] for one in stored["detections"]} <= saved.keys()
    assert {one["baseline_name"] for one in stored["detections"]} - {""} <= saved.keys()
    ids = {one["id"] for one in stored["detections"]}
    assert ids == {one.id for one in load(ROOT / "detections")}
    assert stored["packs"] and all(set(pack["detections"]) <= ids for pack in stored["packs"])


def test_the_worker_runs_from_the_start(app_dir: Path) -> None:
    stanza = conf(app_dir, "default/inputs.conf")["responder_worker://main"]
    assert (stanza["interval"], stanza["disabled"]) == ("60", "0")


def test_every_own_conf_file_has_a_spec_reloads_and_replicates(app_dir: Path) -> None:
    own = {"settings", "aws_account", "jira_site", "slack_workspace", "notifier", "dispatch"}
    triggers = conf(app_dir, "default/app.conf")["triggers"]
    cluster = conf(app_dir, "default/server.conf")["shclustering"]
    for name in own:
        assert f"reload.cloudtrail_responder_{name}" in triggers
        assert cluster[f"conf_replication_include.cloudtrail_responder_{name}"] == "true"
    specs = {path.name for path in (app_dir / "README").glob("cloudtrail_responder_*.spec")}
    assert specs == {f"cloudtrail_responder_{name}.conf.spec" for name in own}


def test_the_specs_describe_every_field_of_the_setup_page(app_dir: Path) -> None:
    for tab in CONFIG["pages"]["configuration"]["tabs"]:
        name = tab["name"] if "table" in tab else "settings"
        text = (app_dir / "README" / f"cloudtrail_responder_{name}.conf.spec").read_text(encoding="utf-8")
        described = set(re.findall(r"^(\w+) = ", text, re.MULTILINE))
        assert {field["field"] for field in tab.get("entity", ())} - {"name"} <= described


def test_every_step_an_eventtype_looks_for_is_one_that_is_audited(app_dir: Path) -> None:
    """A step renamed in the code would silently empty CIM's Change model and the adaptive response's results."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (app_dir / "bin" / "responder").rglob("*.py"))
    named = re.findall(r'f?"([a-z_]+)', code)
    audited = re.findall(r'(?:\b_?audit|audit_event)\(\s*f?"([a-z_]+)', code)
    for name, stanza in conf(app_dir, "default/eventtypes.conf").items():
        if name == "cloudtrail_responder_cloudtrail":
            assert stanza["search"] == "sourcetype=aws:cloudtrail", "for workflow actions, about no step"
        elif name:
            assert stanza["search"].startswith("sourcetype=cloudtrail_responder:audit ")
            steps = re.findall(r"step=([a-z_]+)", stanza["search"])
            # Tagged ones feed CIM; others may be named by a variable in the call.
            known = audited if conf(app_dir, "default/tags.conf").get(f"eventtype={name}") else named
            assert steps and set(steps) <= set(known), name


def test_the_manifest_does_not_call_stable_what_has_no_first_version(app_dir: Path) -> None:
    info = json.loads((app_dir / "app.manifest").read_text(encoding="utf-8"))["info"]
    is_stable = int(info["id"]["version"].split(".")[0]) >= 1
    assert (info["classification"]["developmentStatus"] == "Production/Stable") is is_stable
