"""Can people answer in Jira? Whether each site is read, and whether answers are carried out."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine import answer_records
from ...engine.breaker import MARKS
from ...engine.jira_polling import PREFIX
from ...remediation.verdicts import JIRA
from ...settings.model import JiraSite
from ..line import Check, Line, amber, green, name, red, span
from ..surroundings import Surroundings

#: Seconds after which a site should have been read again, and after which an answer should have been carried out.
SILENT, LATE = 300.0, 120.0
_LOG = "See cloudtrail_responder_worker.log and the site on the Jira sites tab."


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
        yield from _late(about)


def _read(about: Surroundings, site: JiraSite) -> Line:
    mark = about.splunkd.fetch(MARKS, f"{PREFIX}{site.name}")
    silent = about.splunkd.now() - float(mark.get("at") or 0) if mark else None
    if silent is None or silent > SILENT:
        since = f"for {span(silent)}" if silent is not None else "yet"
        return red(f"Jira site {name(site.name)} was not read for answers {since}.", _LOG)
    return green(f"Jira site {name(site.name)} is read for answers.")


def _late(about: Surroundings) -> Iterable[Line]:
    late = [one for one in answer_records.open_ones(about.splunkd, JIRA) if about.splunkd.now() - one.at > LATE]
    if late:
        waits = span(about.splunkd.now() - min(one.at for one in late))
        said = f"{len(late)} answers from Jira are not carried out yet, the oldest for {waits}."
        yield amber(said, "They are tried again for an hour; see cloudtrail_responder_worker.log for the reason.")


CHECK = Check("Jira answers", 44, look)
