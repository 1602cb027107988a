"""What setup pages of other apps ask Jira for: lists to choose from."""

from __future__ import annotations

from jira_client import Client


def test_what_forms_of_other_apps_list(face: Client) -> None:
    assert "Won't Do" in [one["name"] for one in face("GET", "/resolution").json()]
    task, *_ = face("GET", "/project/SEC/statuses").json()
    assert (task["name"], "Done" in [one["name"] for one in task["statuses"]]) == ("Task", True)
    if not face.jira.cloud:
        return
    assert [one["name"] for one in face("GET", "/project/FORM/components").json()] == ["Cloud", "Identity"]
    assert [one["name"] for one in face("GET", "/project/FORM/versions").json()] == ["2026.1"]
    assert face("GET", "/priority/search", params={"maxResults": 2}).json()["values"][1]["name"] == "High"
    face.create(labels=["b", "a"])
    assert face("GET", "/label").json()["values"] == ["a", "b"]
    params = {"projectKeys": "STRICT,LOCKED,HIDDEN", "issuetypeNames": "Task", "expand": "projects.issuetypes.fields"}
    (strict,) = face("GET", "/issue/createmeta", params=params).json()["projects"]
    (form,) = strict["issuetypes"]
    assert face.jira.unknown_requests == []
    assert (strict["key"], form["fields"]["customfield_10041"]["required"]) == ("STRICT", True)
