"""Why Jira refused to create a ticket, naming what a person has to change.

Jira's own messages name fields by id (``customfield_10010``) and do not list what would be accepted; the project's
create metadata does. It is read only here, after a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Curable, ResponderError
from ..http_failures import quote_text
from .archives import is_archived_project
from .connection import JiraConnection
from .failures import TAB, FieldsRefused
from .metadata import CreateMetadata, id_of, missing, name_of, not_filled


def explain(
    jira: JiraConnection,
    metadata: CreateMetadata,
    project: str,
    issue_type: str,
    sent: Mapping[str, Any],
    refusal: FieldsRefused,
) -> Curable:
    """The refusal with what is missing or unknown by name; the refusal itself when Jira does not tell."""
    archived = archived_project(jira, project) if "project" in refusal.fields else None
    if archived is not None:
        return archived
    try:
        fields = metadata.fields(project, issue_type)
    except FieldsRefused as error:
        return _without_metadata(jira, project, refusal, error)
    except Curable as error:
        return error
    except ResponderError as error:
        return _without_metadata(jira, project, refusal, error)
    except ValueError:
        return refusal
    return _by_field(jira, project, issue_type, sent, refusal, fields)


def archived_project(jira: JiraConnection, project: str) -> Curable | None:
    """Why a project takes no tickets that is archived; None for any other, and where nobody can say."""
    try:
        if not is_archived_project(jira, project):
            return None
    except ResponderError:
        # What Jira has refused is said in any case.
        return None
    return Curable(
        f"{jira.target}: no tickets can be created in project '{project}', because it is archived.",
        f"Restore it in Jira, or choose another project in the alert action, in the route or {TAB}.",
    )


def _without_metadata(jira: JiraConnection, project: str, refusal: FieldsRefused, error: ResponderError) -> Curable:
    if "project" in refusal.fields:
        return Curable(
            f"{jira.target}: no tickets can be created in project '{project}': "
            f"{quote_text(refusal.fields['project'])}.",
            "Check the project's key, and that the token's owner may create issues in it.",
        )
    return Curable(refusal.message, f"{refusal.hint} (The project's fields could not be read: {error.message})")


def _by_field(
    jira: JiraConnection,
    project: str,
    issue_type: str,
    sent: Mapping[str, Any],
    refusal: FieldsRefused,
    fields: list[dict[str, Any]],
) -> Curable:
    names = missing(fields, sent)
    if names:
        return not_filled(jira.target, project, issue_type, names)
    known = {id_of(field) for field in fields}
    unknown = [name for name in refusal.fields if name in sent and name not in known]
    if unknown:
        return Curable(
            f"{jira.target}: fields are not on the create screen of '{quote_text(issue_type)}' in project "
            f"'{project}': {', '.join(unknown)}.",
            "Add them to the screen in Jira, or choose another issue type.",
        )
    # Jira calls them by their ids, which nobody knows.
    called = {id_of(field): name_of(field) for field in fields}
    told = [f"{called[one]}: {text.rstrip('.')}" for one, text in refusal.fields.items() if one in called]
    if told:
        return Curable(
            f"{jira.target}: Jira does not take the fields of a ticket in project '{project}': "
            f"{quote_text('; '.join(told))}.",
            f"Correct them in the alert action, in the lookup responder_routes or {TAB}.",
        )
    return refusal
