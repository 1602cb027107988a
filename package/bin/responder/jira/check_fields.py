"""For the setup page: whether the fields of a site's tab are ones that Jira knows. Writes nothing."""

from __future__ import annotations

from typing import Any

from ..errors import ConfigurationError, Curable
from ..findings.templates import has_fields
from ..http_failures import quote_text
from ..http_transport import objects
from ..settings.jira_fields import JiraFields
from ..settings.ticket_life import MOVED_FIELDS
from .connection import JiraConnection
from .failures import TAB
from .fields import Form
from .metadata import CreateMetadata, Field, id_of
from .model import TicketFields
from .people import People


def check_fields(jira: JiraConnection, metadata: CreateMetadata, people: People) -> str:
    """The end of the sentence for the person who saves; empty, without a request, where no field is set.

    Raises ConfigurationError naming what Jira does not know, and as ``JiraConnection.get``.
    """
    site, wanted = jira.site, jira.site.fields
    if wanted.priorities:
        _check_priorities(jira, wanted)
    if site.life.moved_fields:
        _check_known(jira, [name for name, _ in site.life.moved_fields], MOVED_FIELDS)
    if not site.default_project or not (wanted.security_level or wanted.parent or wanted.others):
        return ""
    project, issue_type = site.default_project, site.default_issue_type
    try:
        screen = metadata.fields(project, issue_type, fresh=True)
        unknown = [name for name, _ in wanted.others if not _names_one(screen, name)]
        if unknown:
            _check_known(jira, unknown, "Other fields")
        fixed = tuple((name, text) for name, text in wanted.others if not has_fields(text))
        given = {"project": project, "issuetype": issue_type, "summary": "", "description": "", "labels": []}
        # Whatever is made of a finding is there as soon as there is one.
        given.update({id_of(one): "" for one in screen for name, _ in wanted.others if _is_named(one, name)})
        form = Form(jira.target, jira.cloud, people, project, issue_type, screen, dict[str, Any](given))
        found = form.fill(TicketFields(wanted.security_level, wanted.parent, others=fixed))
    except ConfigurationError:
        raise
    except Curable as error:
        raise ConfigurationError(error.message, error.hint) from None
    except ValueError:
        return ""
    notes = f" {' '.join(found.notes)}" if found.notes else ""
    dropped = f" Its tickets are created without {quote_text(', '.join(found.dropped))}." if found.dropped else ""
    return f"{dropped}{notes}"


def _check_priorities(jira: JiraConnection, wanted: JiraFields) -> None:
    known = jira.get("priority", lambda body: [str(one.get("name")) for one in objects({"values": body}, "values")])
    names = {name.casefold() for name in known}
    unknown = next((name for _, name in wanted.priorities if name.casefold() not in names), "")
    if unknown:
        raise ConfigurationError(
            f"{jira.target}: 'Priority by severity' names '{unknown[:60]}', which is no priority of the site.",
            f"Correct it {TAB}; the priorities are {quote_text(', '.join(known))}.",
        )


def _check_known(jira: JiraConnection, names: list[str], label: str) -> None:
    """A field may be on the screens of other projects than the default one."""
    listed = jira.get("field", lambda body: objects({"values": body}, "values"))
    fields = [{**one, "fieldId": one.get("id")} for one in listed]
    unknown = next((name for name in names if not _names_one(fields, name)), "")
    if unknown:
        raise ConfigurationError(
            f"{jira.target}: '{label}' names '{unknown[:60]}', and the site has no such field.",
            f"Correct it {TAB}: enter the field's name or its id, as in customfield_10010.",
        )


def _names_one(fields: list[dict[str, Any]], name: str) -> bool:
    return any(_is_named(one, name) for one in fields)


def _is_named(one: Field, name: str) -> bool:
    return name.lower() == id_of(one).lower() or name.casefold() == str(one.get("name")).casefold()
