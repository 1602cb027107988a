"""globalConfig.json: the setup page and the alert actions' parameters, as docs/architecture.md names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.alert_actions import global_config

ROOT = Path(__file__).resolve().parents[2]
CONFIG = global_config(ROOT)
#: What UCC lets no validator be set on; the first two can only be what the page offers.
NO_VALIDATOR = ("checkbox",)
MAX_ALERT_LABEL, MAX_HELP = 30, 200


def tabs() -> dict[str, list[dict[str, Any]]]:
    """Fields by tab; the proxy tab's are those that replace UCC's own."""
    found = {}
    for tab in CONFIG["pages"]["configuration"]["tabs"]:
        if tab.get("type") == "proxyTab":
            found["proxy"] = [field for field in tab.values() if isinstance(field, dict) and "field" in field]
        elif tab.get("type") == "loggingTab":
            found["logging"] = [{**tab, "field": "loglevel"}]
        else:
            found[tab["name"]] = tab["entity"]
    return found


def _fields() -> Iterator[Any]:
    for tab, entity in tabs().items():
        for field in entity:
            yield pytest.param(field, id=f"{tab}.{field['field']}")
    for service in CONFIG["pages"]["inputs"]["services"]:
        for field in service["entity"]:
            yield pytest.param(field, id=f"{service['name']}.{field['field']}")


FIELDS = list(_fields())


def documented(heading: str) -> dict[str, list[str]]:
    """Names by row of a table in docs/architecture.md, without remarks in brackets and the mark of encryption."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split(heading, 1)[1].split("\n\n", 2)[1]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]
    return {key: re.findall(r"\w+", re.sub(r"\([^)]*\)|UCC's own:|: loopback only", "", names)) for key, names in rows}


def test_the_tabs_have_the_documented_fields() -> None:
    expected = {}
    for key, names in documented("### Fields of the setup page").items():
        if key == "`proxy`, `logging`":
            expected["proxy"] = [name for name in names if name.startswith("proxy")]
            expected["logging"] = [name for name in names if not name.startswith("proxy")]
        elif key != "`[developer]`":
            expected[key.strip("`")] = names
    assert {tab: sorted(f["field"] for f in entity) for tab, entity in tabs().items()} == {
        tab: sorted(names) for tab, names in expected.items()
    }


def test_the_alert_actions_have_the_documented_parameters() -> None:
    page = documented("### Parameters of the alert actions")
    wording, grouping = ["title", "text"], ["severity", "dedup_fields", "one_per"]
    assert {alert["name"]: [f["field"] for f in alert["entity"]] for alert in CONFIG["alerts"]} == {
        "responder_create_ticket": ["jira_site", "project", "issue_type", "labels", *wording, *grouping],
        "responder_remediate": ["playbook", "mode", *grouping],
        "responder_dispatch": ["target", *grouping],
        "responder_notify": ["notifier", *wording, *grouping],
        "responder_notify_slack": ["slack_workspace", "channel", *wording, *grouping],
    }
    assert {name.strip("`") for name in page} == {alert["name"] for alert in CONFIG["alerts"]}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_explains_itself(field: dict[str, Any]) -> None:
    assert field["label"] if "label" in field else field["title"]
    assert field["help"].endswith(".") and 15 < len(field["help"]) <= MAX_HELP


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_validated(field: dict[str, Any]) -> None:
    if field["type"] in (*NO_VALIDATOR, "loggingTab"):
        return
    assert field["validators"]
    for validator in field["validators"]:
        assert validator["errorMsg"].endswith(".")
        if validator["type"] == "regex":
            assert validator["pattern"].startswith("^") and validator["pattern"].endswith("$")
            re.compile(validator["pattern"])


@pytest.mark.parametrize("field", FIELDS)
def test_what_a_field_offers_its_validators_accept(field: dict[str, Any]) -> None:
    """One alone and, where several may be chosen, all together."""
    options = field.get("options", {})
    values = [one["value"] for one in options.get("autoCompleteFields", ()) if "value" in one]
    values += [one["value"] for one in options.get("items", ())]
    if field["type"] == "multipleSelect" and values:
        values.append(options["delimiter"].join(values))
    assert [value for value in values if value and not accepts(field, value)] == []


@pytest.mark.parametrize("field", FIELDS)
def test_a_secret_is_encrypted_and_accepts_its_own_mask(field: dict[str, Any]) -> None:
    """The page posts ****** for a secret that is to stay as it is, and the validators see that."""
    secret = any(word in field["field"] for word in ("secret", "token", "password", "webhook_url"))
    assert bool(field.get("encrypted")) is secret
    if secret:
        assert accepts(field, "******")


@pytest.mark.parametrize("alert", CONFIG["alerts"], ids=lambda alert: str(alert["name"]))
def test_alert_parameters_explain_themselves_in_the_room_splunk_gives(alert: dict[str, Any]) -> None:
    for parameter in alert["entity"]:
        assert len(parameter["label"]) <= MAX_ALERT_LABEL
        assert parameter["help"].endswith(".") and 15 < len(parameter["help"]) <= MAX_HELP
        assert not parameter.get("required"), "every parameter is optional"


@pytest.mark.parametrize("tab", tabs())
def test_the_spec_says_of_each_field_what_the_page_says(tab: str) -> None:
    file = tab if tab in ("aws_account", "jira_site", "slack_workspace", "notifier", "dispatch") else "settings"
    text = (ROOT / "package" / "README" / f"cloudtrail_responder_{file}.conf.spec").read_text(encoding="utf-8")
    stanza = re.split(r"^\[", text, flags=re.MULTILINE)
    (section,) = [part for part in stanza if part.startswith(f"{tab}]" if file == "settings" else "<name>]")]
    described = dict(re.findall(r"^(\w+) = .*\n((?:[*] .*\n|  .*\n?)+)", section, re.MULTILINE))
    for field in tabs()[tab]:
        if field["field"] != "name":
            words = " ".join(described[field["field"]].split())
            assert words.startswith(f"* {field['help']}"), field["field"]


def test_a_mode_chosen_in_an_alert_can_be_no_other_than_the_safety_tab_has() -> None:
    """And the help says who has the last word."""
    (safety,) = [field for field in tabs()["safety"] if field["field"] == "default_mode"]
    (alert,) = [field for alert in CONFIG["alerts"] for field in alert["entity"] if field["field"] == "mode"]
    modes = [option["value"] for option in safety["options"]["autoCompleteFields"]]
    assert [option["value"] for option in alert["options"]["items"]] == ["", *modes]
    assert "can only lower what the Safety tab allows" in alert["help"]


def test_a_field_is_shown_where_its_kind_of_credential_needs_it() -> None:
    """What is hidden for one choice must be shown for another, and only fields that exist are."""
    for tab, entity in tabs().items():
        names = {field["field"] for field in entity}
        for field in entity:
            shown: dict[str, set[bool]] = {}
            for case in field.get("modifyFieldsOnValue", ()):
                for target in case["fieldsToModify"]:
                    shown.setdefault(target["fieldId"], set()).add(target["display"])
            assert set(shown) <= names, tab
            assert all(states == {True, False} for states in shown.values()), (tab, shown)


@pytest.mark.parametrize(
    ("tab", "name", "good", "bad"),
    [
        ("aws_account", "name", ["production", "p-1_x"], ["", "1st", "a b", "x" * 51, "a/b", "[a]"]),
        ("aws_account", "account_id", ["123456789012"], ["12345678901", "1234-5678-9012", "١٢٣٤٥٦٧٨٩٠١a"]),
        ("aws_account", "auth_type", ["access_key", "host_role"], ["root", "access_key,host_role"]),
        (
            "aws_account",
            "access_key_id",
            ["AKIAIOSFODNN7EXAMPLE"],
            ["ASIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example", "AKIA"],
        ),
        ("aws_account", "secret_access_key", ["wJalrXUtnFEMI/K7MDENG"], ["two words", "key\n"]),
        (
            "aws_account",
            "role_arn",
            ["arn:aws:iam::123456789012:role/Responder", "arn:aws-us-gov:iam::123456789012:role/a/b+c=d,e.f@g"],
            ["arn:aws:iam::123456789012:user/x", "Responder", "arn:aws:iam::1:role/x"],
        ),
        (
            "aws_account",
            "default_region",
            ["eu-central-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"],
            ["Frankfurt", "eu-central-1a", "eu-central"],
        ),
        (
            "aws_account",
            "regions",
            ["eu-central-1", "eu-central-1, us-east-1,eusc-de-east-1"],
            ["all", "eu-central-1;us-east-1"],
        ),
        (
            "jira_site",
            "url",
            ["https://example.atlassian.net", "https://jira.example.com:8443/jira", "http://127.0.0.1:8080"],
            ["http://jira.example.com", "https://user:pw@jira.example.com", "jira.example.com", "https://x/?a=1"],
        ),
        ("jira_site", "email", ["soc@example.com"], ["soc", "a b@example.com"]),
        ("jira_site", "default_project", ["SEC", "OPS_2"], ["sec", "S", "SEC-1", "2OPS"]),
        ("slack_workspace", "bot_token", ["xoxb-1-2-abc"], ["xoxp-1-2-abc", "xoxb- x", "Bearer xoxb-1"]),
        (
            "slack_workspace",
            "webhook_url",
            ["https://hooks.slack.com/services/T0/B0/x"],
            ["http://hooks.slack.com/x", "hooks"],
        ),
        ("slack_workspace", "default_channel", ["C0123456789", "#security-alerts", "soc"], ["#a b", "@someone", "a,b"]),
        ("notifier", "type", ["teams", "webhook"], ["", "slack", "teams,webhook", "Teams"]),
        (
            "notifier",
            "webhook_url",
            ["https://prod-1.westeurope.logic.azure.com:443/workflows/0/x?sig=1", "http://127.0.0.1:8080/x"],
            ["http://soar.example.com/x", "hooks", "https://a b", "javascript:a"],
        ),
        (
            "notifier",
            "signing_secret",
            ["whsec_" + "A" * 32, "whsec_" + "A" * 42 + "==", "whsec_" + "A" * 32 + " whsec_" + "B" * 32, ""],
            ["A" * 32, "whsec_short", "whsec_" + "A" * 31 + "!", "whsec_" + "A" * 32 + "," + "whsec_" + "B" * 32],
        ),
        ("dispatch", "type", ["sns", "ssm_automation"], ["", "email", "sns,sqs", "SNS"]),
        (
            "dispatch",
            "arn",
            [
                "arn:aws:sns:eu-central-1:123456789012:findings",
                "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:findings.fifo",
                "arn:aws:ssm:eu-central-1::document/AWS-StopEC2Instance",
                "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
            ],
            ["findings", "arn:aws:iam::123456789012:role/x", "arn:aws:sns:eu-central-1:1:x", "arn:aws:sns:::x y"],
        ),
        ("dispatch", "message", ["cloudevents", "row", "template"], ["", "xml"]),
        ("dispatch", "aws_account", ["production"], ["", "1st", "a b"]),
        ("aws_account", "proxy", ["default", "none"], ["", "http://proxy"]),
        ("jira_site", "auth_type", ["api_token", "scoped_token"], ["oauth"]),
        ("jira_site", "parent", ["SEC-1", ""], ["SEC", "SEC-0", "SEC-1/x", "SEC-1 "]),
        ("jira_site", "priority_by_severity", ["critical=Very High, high = P2", "low=x;\nhigh=y,"], ["high", "a=b"]),
        ("jira_site", "due_days_by_severity", ["critical=0, high=30", ""], ["high=soon", "high=-1", "high=1 2"]),
        ("jira_site", "fields", ["Team = a=b", "A = 1\n\nB = {user}\n", ""], ["Team", "= x", "A = 1\nB"]),
        ("jira_site", "contained_when", ["verified", "proved"], ["always"]),
        ("jira_site", "reopen_days", ["0", "365"], ["-1", "366", "1.5", "week"]),
        ("jira_site", "contained_status", ["done", "In Progress > Done", "x" * 300], ["x" * 301]),
        ("jira_site", "ca_bundle", ["/etc/ssl/ca.pem", "C:\\ca\\ca.pem"], ["ca.pem"]),
        (
            "proxy",
            "proxy_exceptions",
            ["example.com, .corp,*.lan 10.0.0.0/8\n[::1]:8443", "*", ""],
            ["http://a?b", "a;b", "a@b"],
        ),
        ("general", "ca_bundle", ["/etc/ssl/ca.pem", "C:\\ca\\ca.pem"], ["ca.pem", "./ca.pem"]),
        ("general", "allowed_jira_projects", ["SEC", "SEC, OPS_2,\nX1", ""], ["sec", "SEC; OPS", "S", "*"]),
        (
            "general",
            "allowed_slack_channels",
            ["#security-alerts, C0123456789\nsoc", "#soc,", "équipe", ""],
            ["@someone", "#Soc", "*", "#a;#b"],
        ),
        (
            "general",
            "splunk_web_url",
            ["https://splunk.example.com:8000", "https://example.com/splunk/", "http://localhost:8000"],
            ["http://splunk.example.com", "https://u@splunk.example.com", "https://x/?a", "splunk", "javascript:a"],
        ),
        ("general", "retention_days", ["30", "400", "36500"], ["29", "36501", "forever", "1.5"]),
        ("general", "operations_channel", ["#security-ops", "C0123456789", ""], ["#a b", "@someone", "a,b"]),
        ("general", "incident_hours", ["0", "24", "168"], ["-1", "169", "soon", "1.5"]),
        ("general", "digest_limit", ["0", "10", "1000"], ["-1", "1001", "all"]),
        ("general", "audit_index", ["main", "sec_audit-1"], ["_internal", "-x", "Main", "kvstore", "a b"]),
        ("safety", "default_mode", ["simulate", "approve", "enforce"], ["on", "Enforce"]),
        ("safety", "mode_ceiling", ["simulate", "approve", "enforce"], ["off", "Approve", "simulate,enforce"]),
        ("aws_account", "mode_ceiling", ["simulate", "approve", "enforce"], ["off", "Approve"]),
        (
            "safety",
            "playbook_ceilings",
            ["", "deactivate_access_key=approve", "deactivate_access_key = approve,\nblock_public_bucket=simulate,"],
            ["deactivate_access_key", "deactivate_access_key=never", "=simulate", "a=simulate;b=simulate"],
        ),
        ("safety", "approval_hours", ["1", "72"], ["0", "73", "long", ""]),
        ("safety", "approvals_needed", ["1", "2"], ["0", "3", "two"]),
        ("safety", "escalation_channel", ["#on-call", "C0123456789", ""], ["#a b", "@someone", "a,b"]),
        (
            "safety",
            "playbook_delays",
            ["", "revoke_open_ingress=10", "revoke_open_ingress = 10,\nblock_public_bucket=5,"],
            ["revoke_open_ingress", "revoke_open_ingress=soon", "=10", "a=1;b=2"],
        ),
        ("safety", "playbook_time_limits", ["", "deactivate_access_key=8"], ["deactivate_access_key=8h"]),
        ("safety", "protection_warning_days", ["1", "365"], ["0", "366", "soon", ""]),
        (
            "safety",
            "change_windows",
            ["", "*=Mon-Fri 08:00-18:00 Europe/Berlin", "123456789012=Sat,Sun 22:00-06:00 UTC;\na=mon 00:00-24:00 UTC"],
            ["Mon-Fri 08:00-18:00 UTC", "*=Mon-Fri 8-18 UTC", "*=Mon 08:00-18:00", "1234=Mon 08:00-18:00 UTC"],
        ),
        ("safety", "oldest_resources", ["", "deactivate_access_key=365"], ["deactivate_access_key=1y", "=5"]),
        ("safety", "most_uses", ["", "revoke_open_ingress = 0,"], ["revoke_open_ingress", "revoke_open_ingress=-1"]),
        ("safety", "max_changes_per_account_and_playbook", ["1", "10000"], ["0", "10001", "many", ""]),
        ("safety", "max_changes_per_hour", ["1", "10000"], ["0", "10001", "many", ""]),
        ("safety", "protected_accounts", ["123456789012", "123456789012,\n210987654321"], ["prod", "12345678901"]),
        ("safety", "protected_principals", ["arn:aws:iam::1:role/Break*, root-*"], ["<script>", "a;b"]),
        ("safety", "protected_tags", ["env=prod, critical"], ['"env"']),
        ("safety", "max_changes_per_run", ["1", "1000"], ["0", "1001", "many", "1.5"]),
        ("safety", "allowed_open_ports", ["80,443", "80 443"], ["http", "80-90"]),
        ("proxy", "proxy_url", ["proxy.example.com", "10.0.0.5", "[::1]"], ["http://proxy", "a b", "proxy/path"]),
        ("proxy", "proxy_port", ["1", "65535"], ["0", "65536", "http"]),
    ],
)
def test_validators_accept_and_refuse(tab: str, name: str, good: list[str], bad: list[str]) -> None:
    (field,) = [field for field in tabs()[tab] if field["field"] == name]
    assert [value for value in good if not accepts(field, value)] == []
    assert [value for value in bad if accepts(field, value)] == []


def accepts(field: dict[str, Any], value: str) -> bool:
    """What the generated handlers decide for a value that is given."""
    return all(_accepts(validator, value) for validator in field["validators"])


def _accepts(validator: dict[str, Any], value: str) -> bool:
    if validator["type"] == "regex":
        return bool(re.match(validator["pattern"], value))
    if validator["type"] == "string":
        return bool(validator["minLength"] <= len(value) <= validator["maxLength"])
    if validator["type"] == "number":
        low, high = validator["range"]
        return bool(re.fullmatch(r"-?\d+", value)) and bool(low <= int(value) <= high)
    if validator["type"] == "email":
        return bool(re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)*", value))
    raise AssertionError(f"no idea what a validator of type {validator['type']} accepts")
