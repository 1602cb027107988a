"""Who may come in, and what those who may not are told."""

from __future__ import annotations

import pytest
import requests
from jira_client import Client, document

from sandbox.jira import JiraStandIn


def get(jira: JiraStandIn, path: str = "/myself", **options) -> requests.Response:
    version = "3" if jira.cloud else "2"
    return requests.get(f"{jira.url}/rest/api/{version}{path}", timeout=5, **options)


def test_cloud_takes_the_email_and_api_token_and_nothing_else(cloud: Client) -> None:
    jira, credentials = cloud.jira, cloud.jira.credentials
    assert get(jira, auth=(credentials.email, credentials.api_token)).status_code == 200
    for wrong in (
        (credentials.email, "wrong"),
        (credentials.username, credentials.api_token),
        (credentials.email, credentials.personal_access_token),
    ):
        refused = get(jira, auth=wrong)
        assert (refused.status_code, refused.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
        assert refused.text == "Client must be authenticated to access this resource."
    assert get(jira, headers={"Authorization": "Bearer " + credentials.api_token}).status_code == 401


def test_data_center_takes_a_personal_access_token(datacenter: Client) -> None:
    jira, credentials = datacenter.jira, datacenter.jira.credentials
    assert get(jira, headers={"Authorization": "Bearer " + credentials.personal_access_token}).status_code == 200
    assert get(jira, auth=(credentials.username, credentials.password)).status_code == 200
    refused = get(jira, headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.json()["status-code"]) == (401, 401)
    assert get(jira, auth=(credentials.email, credentials.api_token)).status_code == 401


def test_only_the_server_info_is_for_everybody(face: Client) -> None:
    assert get(face.jira).status_code == 401
    assert get(face.jira, "/serverInfo").status_code == 200
    assert get(face.jira, "/serverInfo", auth=("a", "b")).status_code == 401


def test_data_center_has_no_v3(datacenter: Client) -> None:
    token = datacenter.jira.credentials.personal_access_token
    answer = requests.get(
        datacenter.jira.url + "/rest/api/3/myself", headers={"Authorization": "Bearer " + token}, timeout=5
    )
    assert answer.status_code == 404
    assert len(datacenter.jira.unknown_requests) == 1


@pytest.mark.parametrize(("deployment", "newest"), [("cloud", "3"), ("datacenter", "2")])
def test_latest_is_the_newest_version_that_the_deployment_has(deployment: str, newest: str) -> None:
    with JiraStandIn(deployment) as jira:
        latest, explicit = Client(jira, "latest"), Client(jira, newest)
        key = latest.create(description=explicit.rich("found")).json()["key"]
        seen = [client("GET", f"/issue/{key}").json() for client in (latest, explicit)]
        assert seen[0] == seen[1] and seen[0]["self"].startswith(f"{jira.url}/rest/api/{newest}/")
        assert isinstance(seen[0]["fields"]["description"], dict) == (newest == "3")
        assert jira.unknown_requests == []


def test_a_project_may_be_read_but_not_written(face: Client) -> None:
    refused = face.create(project={"key": "LOCKED"})
    assert refused.status_code == 403
    assert refused.json()["errorMessages"] == ["You do not have permission to create issues in this project."]
    assert face("GET", "/project/LOCKED").status_code == 200
    assert face("GET", "/issue/createmeta/LOCKED/issuetypes").status_code == 400


def test_a_hidden_project_does_not_exist(face: Client) -> None:
    assert face("GET", "/project/HIDDEN").status_code == 404
    assert face.create(project={"key": "HIDDEN"}).json()["errors"].keys() == {"project"}
    assert "HIDDEN" not in [one["key"] for one in face("GET", "/project").json()]


def test_the_state_outlives_the_process_in_a_file(tmp_path) -> None:
    path = str(tmp_path / "jira.sqlite")
    with JiraStandIn(db=path) as first:
        Client(first, "3").create(description=document("kept"))
        token = first.credentials.api_token
    with JiraStandIn(db=path) as second:
        assert second.credentials.api_token == token
        assert [issue.description for issue in second.issues()] == ["kept"]
        assert Client(second, "3").create().json()["key"] == "SEC-2"


def test_an_unknown_endpoint_is_told(cloud: Client) -> None:
    assert cloud("GET", "/teapot").status_code == 404
    assert [entry.path for entry in cloud.jira.unknown_requests] == ["/rest/api/3/teapot"]


def test_a_misspelled_query_parameter_is_told(cloud: Client) -> None:
    cloud.create()
    assert cloud("GET", "/issue/SEC-1", params={"field": "status"}).status_code == 200
    assert [entry.query for entry in cloud.jira.unknown_requests] == [{"field": ["status"]}]


def test_a_deployment_must_be_known() -> None:
    with pytest.raises(ValueError, match="server"):
        JiraStandIn("server")
