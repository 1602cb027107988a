"""``start_jira``: what can be chosen for tickets, by what Jira says now.

Post ``{"site": name, "project": key, "issue_type": name}``; without a project the site's default is taken.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Rejected, one_line
from ..jira.model import FieldChoice, ProjectChoice
from ..settings.model import PROJECT_KEY
from ..settings.reader import Configuration
from ..starting.choice import SEVERITIES
from .base import Endpoint, Request
from .start import CAPABILITY


@dataclass(frozen=True)
class StartField:
    field: FieldChoice
    #: Whether the site's *Other fields* fill it.
    is_filled: bool


@dataclass(frozen=True)
class StartPriority:
    severity: str
    #: Empty for the project's default.
    priority: str


@dataclass(frozen=True)
class StartJira:
    projects: Sequence[ProjectChoice]
    project: str
    issue_types: Sequence[str]
    issue_type: str
    #: Fields that a ticket must have and that neither Jira nor the app fills by itself.
    required: Sequence[StartField]
    #: Names of all that the site has, the highest first; and which of them tickets get, by severity, the worst first.
    priorities: Sequence[str]
    priority_by_severity: Sequence[StartPriority]


def answer(request: Request) -> Mapping[str, Any]:
    config = Configuration(request.splunkd)
    site = config.jira_site(request.text("site", 200))
    choices = request.services.tickets(site, config.http).choices
    projects = choices.projects()
    project = request.text("project", 100) or site.default_project
    if project and not re.fullmatch(PROJECT_KEY, project):
        raise Rejected(f"'{one_line(project)[:40]}' is not the key of a project.", "Choose one of the list.")
    types = choices.issue_types(project) if project else []
    wanted = request.text("issue_type", 200) or site.default_issue_type
    issue_type = next((one for one in types if one.casefold() == wanted.casefold()), types[0] if types else "")
    filled = {name.casefold() for name, _ in site.fields.others}
    required = choices.required(project, issue_type) if project and issue_type else []
    shown = StartJira(
        projects=projects,
        project=project,
        issue_types=types,
        issue_type=issue_type,
        required=[
            StartField(one, one.id.casefold() in filled or one.name.casefold() in filled) for one in required
        ],
        priorities=choices.priorities(),
        priority_by_severity=[StartPriority(one, site.fields.priority(one)) for one in SEVERITIES],
    )
    return dataclasses.asdict(shown)


ENDPOINT = Endpoint("start_jira", CAPABILITY, answer, StartJira)
