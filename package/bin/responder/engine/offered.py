"""What can be chosen on the forms of alerts and of the setup page: as the settings say, and as Jira and Slack say now.

A service that does not answer takes nothing from a form but its own list: each is asked in the background, and waited
for ``PATIENCE`` seconds. What the settings name is offered all the same, and what is not offered can be typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Callable, NamedTuple, TypeVar

from ..aws import regions
from ..documents.document import clean
from ..errors import Rejected, ResponderError, one_line
from ..handlers import own_remediations
from ..remediation import registry
from ..settings.model import General, JiraSite, SlackWorkspace
from ..settings.reader import Configuration
from ..settings.ticket_life import CATEGORIES
from ..splunk.client import Splunkd
from .services import Services

if TYPE_CHECKING:
    from ..jira.choices import Choices

Entry = TypeVar("Entry", JiraSite, SlackWorkspace)

#: Seconds that a form waits for a service; a field of UCC's forms takes no text meanwhile.
PATIENCE = 6.0
#: Status categories, as people call them.
_CATEGORIES = ("to do", "in progress", "done")
#: Choices of one list, and characters of a label.
MOST, LONGEST = 1_000, 120


class Choice(NamedTuple):
    value: str
    label: str


class Named(NamedTuple):
    """One of a service's, as the service has it."""

    value: str
    name: str


@dataclass(frozen=True)
class Offer:
    choices: Sequence[Choice]
    #: What could not be asked, and why: a line each.
    problems: Sequence[str] = ()


class Asked:
    """Who asks, and of what."""

    def __init__(self, splunkd: Splunkd, services: Services, everything: bool) -> None:
        self.splunkd = splunkd
        self.config = Configuration(splunkd)
        self.services = services
        #: Also what alerts may not choose: for administrators.
        self.everything = everything

    def of_each(
        self, what: str, entries: Sequence[Entry], read: Callable[[Entry], list[Named]]
    ) -> tuple[list[tuple[Entry, list[Named]]], list[str]]:
        """What each service answers, or answered a moment ago; and a line for each that does not."""
        saved = self.config.fingerprint("jira_site", "slack_workspace", "general", "proxy")
        known = self.services.offered
        asked = [(entry, known.ask((what, entry.name, saved), partial(read, entry))) for entry in entries]
        wait([future for _, future in asked], PATIENCE)
        found, problems = [], []
        for entry, future in asked:
            if not future.done():
                problems.append(f"'{entry.name}' has not answered within {PATIENCE:.0f} seconds.")
                continue
            error = future.exception()
            if isinstance(error, ResponderError):
                problems.append(error.message)
            elif error is not None:
                # What it says may hold a secret.
                problems.append(f"'{entry.name}' could not be asked ({type(error).__name__}).")
            else:
                found.append((entry, future.result()))
        return found, problems


def offer(kind: str, asked: Asked) -> Offer:
    """Raises Rejected for a list that there is none of, ConfigurationError for settings that cannot be read."""
    made = LISTS.get(kind)
    if made is None:
        raise Rejected(f"There is no list '{one_line(kind)[:40]}'.", f"Ask for one of {', '.join(LISTS)}.")
    return made(asked)


def _jira_sites(asked: Asked) -> Offer:
    return _names(asked.config.jira_site_names)


def _slack_workspaces(asked: Asked) -> Offer:
    return _names(asked.config.slack_workspace_names)


def _notifiers(asked: Asked) -> Offer:
    return _names(asked.config.notifier_names)


def _dispatch_targets(asked: Asked) -> Offer:
    return _names(asked.config.dispatch_target_names)


def _aws_accounts(asked: Asked) -> Offer:
    entries = asked.config.aws_entries()
    return Offer([_choice(one.name, _with(one.name, sorted(one.named_accounts)[:3])) for one in entries])


def _aws_regions(asked: Asked) -> Offer:
    return _names(regions.known())


def _indexes(asked: Asked) -> Offer:
    """Those that this search head knows, without Splunk's own; for administrators only: an alert chooses none."""
    if not asked.everything:
        return Offer([])
    feed = asked.splunkd.get_json("/services/data/indexes", {"output_mode": "json", "count": 0, "datatype": "all"})
    names = (str(entry.get("name", "")) for entry in feed.get("entry", ()))
    return _names(sorted(name for name in names if name and not name.startswith("_")))


def _playbooks(asked: Asked) -> Offer:
    known = [Named(one.id, f"{one.title}: {one.does}") for one in registry.every()]
    own = [Named(one.id, f"{one.title}: {one.does}") for one in own_remediations.every(asked.config)]
    return _sorted([*known, *own])


def _sweeping_playbooks(asked: Asked) -> Offer:
    """Those that can look for what is wrong by themselves."""
    looking = [(one, ", ".join(wrong.title for wrong in one.sweeps)) for one in registry.every() if one.sweeps]
    return _sorted(Named(one.id, f"{one.title}: {found}") for one, found in looking)


def _own_remediations(asked: Asked) -> Offer:
    """Dispatch targets that are remediations."""
    return _names(asked.config.remediation_names)


def _sorted(named: Iterable[Named]) -> Offer:
    return Offer([_choice(*one) for one in sorted(named, key=lambda one: one.name)])


def _jira_projects(asked: Asked) -> Offer:
    config, general, sites = asked.config, asked.config.general, asked.config.jira_sites()

    def read(site: JiraSite) -> list[Named]:
        tickets = asked.services.tickets(site, config.http)
        return [Named(one.key, f"{one.key}: {one.name}") for one in tickets.choices.projects()]

    found, problems = asked.of_each("projects", sites, read)
    known = [(site.name, [Named(site.default_project, site.default_project)]) for site in sites]
    known += [("", [Named(key, key) for key in general.allowed_jira_projects])]

    def allowed(site: JiraSite, listed: Sequence[Named]) -> list[Named]:
        allows = general.allows_project
        return [one for one in listed if asked.everything or allows(one.value, site.default_project)]

    listed = [(site.name, allowed(site, projects)) for site, projects in found]
    return Offer(_together([*listed, *known], len(sites) > 1), problems)


def _jira_issue_types(asked: Asked) -> Offer:
    return _of_jira(
        asked, "issue types", lambda choices: choices.every_issue_type(), lambda site: [site.default_issue_type]
    )


def _jira_priorities(asked: Asked) -> Offer:
    return _of_jira(asked, "priorities", lambda choices: choices.priorities())


def _jira_link_types(asked: Asked) -> Offer:
    return _of_jira(asked, "link types", lambda choices: choices.link_types(), lambda site: [site.life.link_type])


def _jira_statuses(asked: Asked) -> Offer:
    """Categories first. A status that is called as one of them is not offered: its name means the category."""
    offered = _of_jira(asked, "statuses", lambda choices: choices.statuses())
    named = [one for one in offered.choices if one.value.casefold() not in CATEGORIES]
    categories = [_choice(one, f"{one}: any status of this category") for one in _CATEGORIES]
    return Offer([*categories, *named], offered.problems)


def _of_jira(
    asked: Asked,
    what: str,
    read: Callable[[Choices], list[str]],
    known: Callable[[JiraSite], Sequence[str]] = lambda site: (),
) -> Offer:
    """Names that Jira gives for a whole site, and those that its settings have."""
    config, sites = asked.config, asked.config.jira_sites()

    def listed(site: JiraSite) -> list[Named]:
        return [Named(name, name) for name in read(asked.services.tickets(site, config.http).choices)]

    found, problems = asked.of_each(what, sites, listed)
    together = [(site.name, names) for site, names in found]
    together += [(site.name, [Named(name, name) for name in known(site)]) for site in sites]
    return Offer(_together(together, len(sites) > 1), problems)


def _slack_channels(asked: Asked) -> Offer:
    """Public ones, and those that the settings name: what else is private is nobody's who only owns an alert."""
    config, general = asked.config, asked.config.general
    workspaces = [one for one in config.slack_workspaces() if one.auth_type == "bot"]

    def read(workspace: SlackWorkspace) -> list[Named]:
        listed = asked.services.chat(workspace, config.http).public_channels(MOST)
        return [Named(number, f"#{name}") for name, number in listed]

    found, problems = asked.of_each("channels", workspaces, read)
    listed = [
        (workspace.name, [one for one in map(_by_name(asked, workspace, general), channels) if one.value])
        for workspace, channels in found
    ]
    named = (*(one.default_channel for one in workspaces if one.default_channel), *general.allowed_slack_channels)
    known = [Named(channel, channel) for channel in map(_hashed, named)]
    return Offer(_together([*listed, ("", known)], len(workspaces) > 1), problems)


def _by_name(asked: Asked, workspace: SlackWorkspace, general: General) -> Callable[[Named], Named]:
    """How an alert names a channel that it may choose: by name, or by id where the settings list that; else by none."""

    def named(channel: Named) -> Named:
        for value in (channel.name, channel.value):
            if asked.everything or general.allows_channel(value, workspace.default_channel):
                return Named(value, channel.name)
        return Named("", "")

    return named


def _hashed(channel: str) -> str:
    """A name with its ``#``; an id, a member or an address as it is."""
    return channel if channel.startswith("#") or "@" in channel or channel.isupper() else f"#{channel}"


def _together(listed: Iterable[tuple[str, Sequence[Named]]], several: bool) -> list[Choice]:
    """Each value once, with the names of the entries that have it where there are several."""
    names: dict[str, str] = {}
    entries: dict[str, list[str]] = {}
    for entry, found in listed:
        for one in found:
            if one.value:
                names.setdefault(one.value, one.name)
                known = entries.setdefault(one.value, [])
                if entry and entry not in known:
                    known.append(entry)
    made = [_choice(value, _with(name, entries[value] if several else ())) for value, name in names.items()]
    return sorted(made, key=lambda one: one.label.casefold())[:MOST]


def _names(names: Iterable[str]) -> Offer:
    return Offer([_choice(name, name) for name in names])


def _with(name: str, entries: Sequence[str]) -> str:
    return f"{name} ({', '.join(entries)})" if entries else name


def _choice(value: str, label: str) -> Choice:
    text = one_line(clean(label))
    return Choice(value, text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")


LISTS: Mapping[str, Callable[[Asked], Offer]] = {
    "aws_accounts": _aws_accounts,
    "aws_regions": _aws_regions,
    "dispatch_targets": _dispatch_targets,
    "indexes": _indexes,
    "jira_issue_types": _jira_issue_types,
    "jira_link_types": _jira_link_types,
    "jira_priorities": _jira_priorities,
    "jira_projects": _jira_projects,
    "jira_sites": _jira_sites,
    "jira_statuses": _jira_statuses,
    "notifiers": _notifiers,
    "own_remediations": _own_remediations,
    "playbooks": _playbooks,
    "slack_channels": _slack_channels,
    "slack_workspaces": _slack_workspaces,
    "sweeping_playbooks": _sweeping_playbooks,
}
