"""The endpoint ``pipeline`` of the built app: an account entry's rights, administrators only, what guardrails say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from setup_page import APP, PASSWORD, SetupPage

from sandbox.aws.server import ACCOUNT, AwsStandIn
from tests.pipeline.site import Site

STEM = "from-the-console"
FORM = {
    "account_id": ACCOUNT,
    "auth_type": "access_key",
    "access_key_id": "AKIASANDBOXADMIN0000",
    "secret_access_key": "sandbox",
    "default_region": "us-east-1",
}
SAFETY = {"default_mode": "simulate", "max_changes_per_run": "20", "allowed_open_ports": "80,443"}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture
def entry(page: SetupPage, stand_in: AwsStandIn) -> SetupPage:
    """The setup page with an account entry."""
    page.developer(aws_endpoint_url=stand_in.url)
    assert page.create("aws_account", "production", **FORM) is None
    return page


def post(page: SetupPage, **body: Any) -> requests.Response:
    url = f"{page.splunkd.uri}/servicesNS/nobody/{APP}/{APP}/pipeline"
    auth = (page.user, PASSWORD) if page.user else page.splunkd.admin
    return requests.post(url, auth=auth, json={"account": "production", "stem": STEM, **body}, timeout=120)


def test_a_pipeline_is_planned_made_verified_and_taken_down(entry: SetupPage, stand_in: AwsStandIn) -> None:
    site, options = Site(stand_in.url, STEM), {"encryption": "s3"}
    answer = post(entry, action="plan", options=options)
    assert answer.status_code == 200, answer.text
    assert {step["action"] for step in answer.json()["steps"]} == {"create"} and answer.json()["costs"]
    made = post(entry, action="apply", options=options, account=ACCOUNT)
    assert made.status_code == 200, made.text
    assert f"CloudTrail trail {STEM}: created" in made.json()["text"]
    assert post(entry, action="plan").json()["changes_nothing"], "options are as they were recorded"
    assert [one for one in post(entry, action="verify").json()["checks"] if one["problems"]] == []
    unconfirmed = post(entry, action="teardown", delete_data=True)
    assert unconfirmed.status_code == 400 and "nobody has confirmed it" in unconfirmed.text
    assert "trails" in site.estate()
    removed = post(entry, action="teardown", delete_data=True, confirm=site.bucket)
    assert removed.status_code == 200, removed.text
    assert site.estate() == {}
    assert post(entry, action="verify").status_code == 400
    search = f'search index=main sourcetype="{APP}:audit" step=pipeline_* | table step by vendor_account'
    found = entry.splunkd.search(search).rows
    assert {(row["step"], row["by"], row["vendor_account"]) for row in found} == {
        ("pipeline_apply", entry.splunkd.admin[0], ACCOUNT),
        ("pipeline_teardown", entry.splunkd.admin[0], ACCOUNT),
    }


def test_whoever_is_no_administrator_of_the_app_may_not_even_plan(entry: SetupPage) -> None:
    analyst = entry.as_user("kim", "cloudtrail_responder_analyst")
    assert post(analyst, action="plan").status_code == 403


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"action": "destroy"}, "is no action"),
        ({"action": "plan", "account": ""}, "No account is given"),
        ({"action": "plan", "account": "999988887777"}, "No AWS account entry for account 999988887777"),
        ({"action": "plan", "region": "us-gov-west-1"}, "not an AWS region of partition aws"),
        ({"action": "plan", "options": ["x"]}, "options is not an object"),
        ({"action": "plan", "options": {"names": {"queue": "a.fifo"}}}, "not a FIFO queue"),
        ({"action": "apply", "change": ["lambda"]}, "nothing that can be changed"),
    ],
)
def test_bad_input_is_one_line(entry: SetupPage, body: dict[str, Any], said: str) -> None:
    answer = post(entry, **body)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"] and "\n" not in answer.json()["error"]


def test_what_the_safety_tab_and_the_entry_forbid_is_not_changed(entry: SetupPage, stand_in: AwsStandIn) -> None:
    assert entry.edit("settings", "safety", **SAFETY, protected_accounts=ACCOUNT) is None
    assert "is protected" in post(entry, action="apply").json()["error"]
    assert entry.edit("settings", "safety", **SAFETY, protected_accounts="") is None
    assert entry.edit("aws_account", "production", **FORM, mode_ceiling="simulate") is None
    assert "only simulates" in post(entry, action="apply").json()["error"]
    assert entry.edit("aws_account", "production", **FORM, mode_ceiling="", regions="eu-central-1") is None
    assert "not in scope" in post(entry, action="apply").json()["error"]
    assert entry.edit("settings", "safety", **SAFETY, kill_switch="1") is None
    assert "kill switch" in post(entry, action="apply").json()["error"]
    assert post(entry, action="plan").status_code == 200, "to look changes nothing"
    assert Site(stand_in.url, STEM).estate() == {}
