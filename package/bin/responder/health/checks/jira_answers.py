"""Can people answer in Jira? Whether each site is read, and whether answers are carried out."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine.jira_polling import PREFIX
from ...remediation.verdicts import JIRA
from ...settings.model import JiraSite
from ..answers import late, silence
from ..line import Check, Line, green, name, red, span
from ..surroundings import Surroundings

#: Seconds after which a site should have been read again.
SILENT = 300.0
_LOG = "cloudtrail_responder_worker.log"


def look(about: Surroundings) -> Iterable[Line]:
    sites = about.config.jira_sites()
    for site in sites:
        if site.answers.problem is not None:
            yield red(f"Nobody can answer in Jira site {name(site.name)}: its settings are wrong.", "Save it again.")
    taking = [site for site in sites if site.answers.are_taken]
    if not taking:
        yield green("No Jira site lists who may answer, so nobody answers in tickets.")
    for site in taking:
        yield _read(about, site)
    if taking:
        yield from late(about, JIRA, "Jira", _LOG)


def _read(about: Surroundings, site: JiraSite) -> Line:
    silent = silence(about, f"{PREFIX}{site.name}")
    if silent is None or silent > SILENT:
        since = f"for {span(silent)}" if silent is not None else "yet"
        what = f"Jira site {name(site.name)} was not read for answers {since}."
        return red(what, f"See {_LOG} and the site on the Jira sites tab.")
    return green(f"Jira site {name(site.name)} is read for answers.")


CHECK = Check("Jira answers", 44, look)
