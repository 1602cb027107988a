"""How Jira shows its things as JSON: Cloud or Data Center, v3 or v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.jira import adf, field_types, service_desk
from sandbox.jira.model import (
    ISSUE_TYPE_IDS,
    LINK_TYPES,
    PRIORITIES,
    RESOLUTIONS,
    STATUS_CATEGORIES,
    STATUSES,
    USERS,
    Project,
    Transition,
    jira_time,
)
from sandbox.jira.store import Store
from sandbox.jira.workflow import allowed_resolutions, offered

_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"


class View:
    """Shows one site's things. ``version`` is that of the request's path."""

    def __init__(
        self,
        url: str,
        version: str,
        cloud: bool,
        projects: Mapping[str, Project],
        store: Store,
        translated: Mapping[str, str],
    ) -> None:
        self.rest = f"{url}/rest/api/{version}"
        self.version = version
        self.cloud = cloud
        self._projects = projects
        self._store = store
        self._translated = translated

    def user(self, account_id: str | None) -> dict[str, Any] | None:
        for user in USERS:
            if user.account_id == account_id:
                shown: dict[str, Any] = {
                    "self": f"{self.rest}/user?accountId={user.account_id}",
                    "displayName": user.display_name,
                    "active": user.active,
                    "timeZone": "Etc/UTC",
                }
                if user.email and (not self.cloud or user.shows_email):
                    shown["emailAddress"] = user.email
                if self.cloud:
                    return {**shown, "accountId": user.account_id, "accountType": user.account_type}
                return {
                    **shown,
                    "self": f"{self.rest}/user?username={user.name}",
                    "name": user.name,
                    "key": user.key,
                }
        return None

    def rich(self, text: Mapping[str, Any] | None) -> Any:
        """A rich text in this version's form: a document on v3, a string on v2."""
        if text is None:
            return None
        if self.version == "3":
            return text["adf"] if "adf" in text else adf.from_text(text["wiki"])
        return text["wiki"] if "wiki" in text else adf.to_text(text["adf"])

    def status(self, status_id: str) -> dict[str, Any]:
        name, category = STATUSES[status_id]
        name = self._translated.get(name, name)
        return {
            "self": f"{self.rest}/status/{status_id}",
            "id": status_id,
            "name": name,
            "description": "",
            "iconUrl": f"{self.rest}/status.png",
            "statusCategory": {
                "self": f"{self.rest}/statuscategory/{STATUS_CATEGORIES[category]['id']}",
                **STATUS_CATEGORIES[category],
            },
        }

    def priority(self, number: str | None) -> dict[str, Any] | None:
        if number is None:
            return None
        return {
            "self": f"{self.rest}/priority/{number}",
            "id": number,
            "name": PRIORITIES[number],
            "iconUrl": f"{self.rest}/priority.png",
        }

    def issue_type(self, number: str) -> dict[str, Any]:
        name = next(name for name, known in ISSUE_TYPE_IDS.items() if known == number)
        shown = {
            "self": f"{self.rest}/issuetype/{number}",
            "id": number,
            "name": name,
            "description": "",
            "iconUrl": f"{self.rest}/issuetype.png",
            "subtask": False,
        }
        return {**shown, "hierarchyLevel": 0} if self.cloud else shown

    def project(self, project: Project, full: bool = False) -> dict[str, Any]:
        number = str(10000 + list(self._projects).index(project.key))
        shown: dict[str, Any] = {
            "self": f"{self.rest}/project/{number}",
            "id": number,
            "key": project.key,
            "name": project.name,
        }
        if self.cloud:
            shown |= {"projectTypeKey": project.kind, "simplified": False, "style": "classic", "isPrivate": False}
        if full:
            shown["archived"] = project.archived
            shown["issueTypes"] = [self.issue_type(ISSUE_TYPE_IDS[name]) for name in project.issue_types]
        return shown

    def comment(self, issue_id: str, comment: Mapping[str, Any], expand: Sequence[str] = ()) -> dict[str, Any]:
        shown = {
            "self": f"{self.rest}/issue/{issue_id}/comment/{comment['id']}",
            "id": comment["id"],
            "author": self.user(comment["author"]),
            "updateAuthor": self.user(comment.get("update_author") or comment["author"]),
            "body": self.rich(comment["body"]),
            "created": jira_time(comment["created"]),
            "updated": jira_time(comment["updated"]),
        }
        properties = self._store.properties("comment", comment["id"])
        if self.cloud:
            shown["jsdPublic"] = not properties.get("sd.public.comment", {}).get("internal", False)
        if comment.get("visibility"):
            shown["visibility"] = comment["visibility"]
        if "properties" in expand:
            shown["properties"] = [{"key": key, "value": value} for key, value in properties.items()]
        return shown

    def comments(
        self,
        issue: Mapping[str, Any],
        start: int = 0,
        size: int = 100,
        newest_first: bool = False,
        expand: Sequence[str] = (),
    ) -> dict[str, Any]:
        found = self._store.comments(dict(issue))
        if newest_first:
            found.reverse()
        return {
            "comments": [self.comment(issue["id"], comment, expand) for comment in found[start : start + size]],
            "startAt": start,
            "maxResults": size,
            "total": len(found),
        }

    def attachment(self, attachment: Mapping[str, Any]) -> dict[str, Any]:
        number = attachment["id"]
        return {
            "self": f"{self.rest}/attachment/{number}",
            "id": number,
            "filename": attachment["filename"],
            "author": self.user(attachment["author"]),
            "created": jira_time(attachment["created"]),
            "size": attachment["size"],
            "mimeType": attachment["mimeType"],
            "content": f"{self.rest}/attachment/content/{number}",
        }

    def transitions(self, issue: Mapping[str, Any], with_fields: bool) -> list[dict[str, Any]]:
        shown = []
        for number, one in offered(issue, self._projects[issue["project"]]):
            entry: dict[str, Any] = {"id": number, "name": one.name, "to": self.status(one.target)}
            if self.cloud:
                entry |= {
                    "hasScreen": bool(one.screen),
                    "isGlobal": not one.screen,
                    "isInitial": False,
                    "isAvailable": True,
                    "isConditional": False,
                    "isLooped": False,
                }
            if with_fields:
                entry["fields"] = self._screen(one)
            shown.append(entry)
        return shown

    def _screen(self, one: Transition) -> dict[str, Any]:
        """The fields of a transition's screen by id, as create metadata has them."""
        shown = {}
        for field in one.screen:
            is_resolution = field.id == "resolution"
            schema: dict[str, Any] = {"type": "resolution" if is_resolution else "string", "system": field.id}
            if field.id.startswith("customfield_"):
                schema = field_types.schema(field.field)
            shown[field.id] = {
                "key": field.id,
                "name": field.name,
                "required": field.required,
                "hasDefaultValue": False,
                "operations": ["add"] if field.id == "comment" else ["set"],
                "schema": {"type": "comments-page", "system": "comment"} if field.id == "comment" else schema,
            }
            if field.options:
                shown[field.id]["allowedValues"] = field_types.options(field.field)
            if is_resolution:
                shown[field.id]["allowedValues"] = [
                    {"self": f"{self.rest}/resolution/{number}", "id": number, "name": name}
                    for number, name in allowed_resolutions(one).items()
                ]
            if not self.cloud:
                shown[field.id]["fieldId"] = field.id
                del shown[field.id]["key"]
        return shown

    def link_type(self, number: str) -> dict[str, Any]:
        name, inward, outward = LINK_TYPES[number]
        shown = {"id": number, "name": name, "inward": inward, "outward": outward}
        return {**shown, "self": f"{self.rest}/issueLinkType/{number}"}

    def link(self, issue: Mapping[str, Any], number: int, kind: str, inward: str, outward: str) -> dict[str, Any]:
        """A link as one of its two issues shows it: by the other one."""
        side, other = ("outwardIssue", outward) if issue["id"] == inward else ("inwardIssue", inward)
        found = self._store.issue(other)
        assert found is not None
        return {
            "id": str(number),
            "self": f"{self.rest}/issueLink/{number}",
            "type": self.link_type(kind),
            side: {
                "id": found["id"],
                "key": found["key"],
                "self": f"{self.rest}/issue/{found['id']}",
                "fields": {"summary": found["summary"], "status": self.status(found["status"])},
            },
        }

    def change(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """An entry of an issue's changelog."""
        items = [
            {"field": field, "fieldtype": "jira", **({"fieldId": name} if self.cloud else {}), **values}
            for name, field, values in entry["items"]
        ]
        shown = {"id": entry["id"], "created": jira_time(entry["created"]), "items": items}
        return {**shown, "author": self.user(entry["author"])}

    def changes(self, issue: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The changelog, oldest first."""
        return [self.change(entry) for entry in self._store.history(issue["id"])]

    def fields(self, issue: Mapping[str, Any]) -> dict[str, Any]:
        """All fields of an issue by id."""
        done = issue["resolution"] is not None
        number = issue["resolution"]
        resolution = {
            "self": f"{self.rest}/resolution/{number}",
            "id": number,
            "name": RESOLUTIONS.get(number or "", ""),
            "description": "",
        }
        shown = {
            "summary": issue["summary"],
            "description": self.rich(issue["description"]),
            "environment": self.rich(issue["environment"]),
            "labels": issue["labels"],
            "project": self.project(self._projects[issue["project"]]),
            "issuetype": self.issue_type(issue["issuetype"]),
            "priority": self.priority(issue["priority"]),
            "status": self.status(issue["status"]),
            "assignee": self.user(issue["assignee"]),
            "reporter": self.user(issue["reporter"]),
            "creator": self.user(USERS[0].account_id),
            "resolution": resolution if done else None,
            "resolutiondate": jira_time(issue["resolutiondate"]) if done else None,
            "duedate": issue["duedate"],
            "created": jira_time(issue["created"]),
            "updated": jira_time(issue["updated"]),
            "comment": self.comments(issue),
            "attachment": [self.attachment(one) for one in self._store.attachments(dict(issue))],
            "issuelinks": [self.link(issue, *link) for link in self._store.links(issue["id"])],
            **{name: issue.get(name) for name in field_types.SYSTEM if issue.get(name) is not None},
        }
        if not self.cloud:
            # Cloud shows nowhere that an issue was archived.
            shown["archiveddate"] = jira_time(issue["archived"]) if issue.get("archived") else None
        for field in self._projects[issue["project"]].custom_fields:
            value = issue["custom"].get(field.id)
            if field.type in service_desk.TYPES:
                project = self._projects[issue["project"]]
                shown[field.id] = service_desk.shown(field, value, project, self.rest)
                continue
            shown[field.id] = self.rich(value) if field.type == "textarea" else value
        return shown

    def issue(self, issue: Mapping[str, Any], wanted: Sequence[str], properties: Sequence[str] = ()) -> dict[str, Any]:
        """An issue with the wanted fields: names, ``*all``, ``*navigable``, ``-name``; ``id`` alone gives the id."""
        if list(wanted) == ["id"] and self.cloud:
            return {"id": issue["id"]}
        everything = self.fields(issue)
        keep: set[str] = set()
        for name in wanted:
            if name == "*all":
                keep |= set(everything)
            elif name == "*navigable":
                keep |= set(everything) - {"comment", "attachment"}
            elif name.startswith("-"):
                # A list that only takes away starts from everything.
                keep = (keep or set(everything)) - {name[1:]}
            else:
                keep.add(name)
        shown: dict[str, Any] = {
            "expand": _EXPAND,
            "id": issue["id"],
            "self": f"{self.rest}/issue/{issue['id']}",
            "key": issue["key"],
            "fields": {name: value for name, value in everything.items() if name in keep},
        }
        if properties:
            known = self._store.properties("issue", issue["id"])
            shown["properties"] = {
                key: value for key, value in known.items() if key in properties or "*all" in properties
            }
        return shown
