"""Which entries of the lookup ``responder_routes`` cannot be used, and so hold up what they are about?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import Curable
from ...settings import routes
from ...settings.reader import JIRA_SITE, NOTIFIER, SLACK_WORKSPACE
from ...settings.routes import LOOKUP, MOST, Entry
from ..line import Check, Line, amber, green, name, red
from ..surroundings import Surroundings

_CORRECT = f"Correct or delete it in the lookup {LOOKUP} (page Lists)."
#: Lines of one kind of trouble.
SHOWN = 20


def look(about: Surroundings) -> Iterable[Line]:
    entries = routes.read(about.splunkd)
    if not entries:
        return [green("No routes: findings go where alerts and defaults say.")]
    lines = [line for entry in entries for line in _of(entry, about)]
    if len(entries) >= MOST:
        lines.append(amber(f"The lookup {LOOKUP} has more than {MOST:,} entries; the others are ignored."))
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], amber(f"And {len(lines) - SHOWN} more lines about the lookup {LOOKUP}.")]
    return lines or [green(f"Entries of the lookup {LOOKUP} that can be used: {len(entries)}.")]


def _of(entry: Entry, about: Surroundings) -> Iterator[Line]:
    problem = entry.problem()
    if problem:
        yield amber(f"The entry {name(entry.name)} of the lookup {LOOKUP} {problem}.", _CORRECT)
    try:
        route = entry.route()
    except Curable as error:
        yield red(error.message, _CORRECT)
        return
    for file, chosen, what, tab in (
        (JIRA_SITE, route.site, "Jira site", "Jira sites"),
        (SLACK_WORKSPACE, route.workspace, "Slack workspace", "Slack"),
        (NOTIFIER, route.notifier, "notifier", "Notifiers"),
    ):
        if chosen and chosen not in about.stanzas(file):
            wrong = f"The entry {name(entry.name)} of the lookup {LOOKUP} names the {what} {name(chosen)}"
            yield red(f"{wrong}, which does not exist.", f"Correct it, or add it on the {tab} tab.")


CHECK = Check("Routes", 27, look)
