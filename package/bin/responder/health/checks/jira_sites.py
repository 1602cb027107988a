"""Is each Jira site usable, and each project that alerts and routes name? As on the setup page; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...settings.reader import JIRA_SITE
from ..line import Check, Line, amber
from ..reach import chosen, each, in_words
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    if not about.stanzas(JIRA_SITE):
        return [amber("No Jira site is set up, so no ticket can be opened.", "Add one on the Jira sites tab.")]
    pairs = chosen(
        about,
        JIRA_SITE,
        "responder_create_ticket",
        "jira_site",
        "project",
        "default_jira_site",
        lambda route: (route.site, route.project),
    )
    return each(pairs, lambda pair: _test(about, *pair), "Jira site")


def _test(about: Surroundings, entry: str, project: str) -> str | tuple[str, str]:
    from ...jira.client import Tickets

    site = about.config.jira_site(entry)
    site = replace(site, default_project=project) if project else site
    checked = Tickets(site, about.http).checked()
    if checked.limits:
        return in_words(f"{checked.said} {checked.limits}"), checked.hint
    return in_words(checked.said)


CHECK = Check("Jira sites", 41, look)
