"""Are the app's roles complete, and may the owners of alerts do what their alerts ask for?"""

from __future__ import annotations

from collections.abc import Iterable

from ...splunk.users import capabilities
from ..line import Check, Line, amber, green, name, red, some
from ..surroundings import Surroundings

_P = "cloudtrail_responder"
RUN, VIEW, APPROVE, UNDO, ADMIN = (f"{_P}_{what}" for what in ("run", "view", "approve", "undo", "admin"))
#: What default/authorize.conf gives, and whether every Splunk has the role.
ROLES: dict[str, tuple[frozenset[str], bool]] = {
    "cloudtrail_responder": (frozenset((RUN, "schedule_search")), True),
    "cloudtrail_responder_analyst": (frozenset((VIEW, APPROVE, UNDO)), True),
    "cloudtrail_responder_admin": (
        frozenset((RUN, VIEW, APPROVE, UNDO, ADMIN, "list_storage_passwords", "edit_storage_passwords")),
        True,
    ),
    "admin": (frozenset((RUN, VIEW, APPROVE, UNDO, ADMIN)), False),
    "sc_admin": (frozenset((RUN, VIEW, APPROVE, UNDO, ADMIN)), False),
}
OWNERLESS = ("nobody", "", "splunk-system-user")


def look(about: Surroundings) -> Iterable[Line]:
    return [*_roles(about), *_owners(about)]


def _roles(about: Surroundings) -> Iterable[Line]:
    complete = []
    for role, (wanted, always) in ROLES.items():
        content = about.entry(f"/services/authorization/roles/{role}")
        if content is None:
            if always:
                yield red(f"The role {role} does not exist.", "Install the app again, or restart Splunk.")
            continue
        held = {*(content.get("capabilities") or ()), *(content.get("imported_capabilities") or ())}
        missing = sorted(wanted - held)
        if missing:
            yield red(
                f"The role {role} lacks {', '.join(missing)}.",
                "A local authorize.conf takes it away, or the app was installed without a restart.",
            )
        else:
            complete.append(role)
    if complete:
        yield green(f"Complete: {', '.join(complete)}.")


def _owners(about: Surroundings) -> Iterable[Line]:
    alerts = [search for search in about.searches if search.is_on and search.actions]
    if not alerts:
        yield amber("No alert uses the app's actions.", "Add them to an alert: Edit > Edit alert > Add actions.")
        return
    rights: dict[str, bool] = {}
    for alert in alerts:
        if alert.owner not in rights and alert.owner not in OWNERLESS:
            rights[alert.owner] = RUN in capabilities(about.splunkd, alert.owner)
    for owner in sorted(owner for owner, may in rights.items() if not may):
        theirs = [name(alert.name) for alert in alerts if alert.owner == owner]
        yield red(
            f"User {name(owner)} may not run the app's actions, or does not exist any more. Alerts: {some(theirs)}.",
            "Give the user the role cloudtrail_responder, or reassign the alerts (Settings > All configurations).",
        )
    if all(rights.values()):
        yield green(f"All owners of alerts with actions of the app may run them (alerts: {len(alerts)}).")


CHECK = Check("Roles", 21, look)
