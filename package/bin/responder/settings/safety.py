"""The Safety tab: what may be changed in AWS at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from . import change_windows
from .aws_account import MODES
from .change_windows import ChangeWindow
from .excuses import DEFAULT as LONGEST_EXCUSE
from .excuses import longest_days
from .parsing import StanzaReader
from .protections import Protection
from .slack_names import CHANNEL

#: What some playbooks can tell of a resource: how old it is, and how many others use it.
AGE, USES = "age", "uses"


@dataclass(frozen=True)
class Safety:
    """Tab ``safety``: what may be changed in AWS at all. Only administrators write it."""

    #: The mode of an alert that chooses none.
    default_mode: str = "simulate"
    #: The highest mode an alert may choose; empty means the default mode.
    mode_ceiling: str = ""
    #: The highest mode by playbook id; a playbook that is not named has no further limit.
    playbook_ceilings: Mapping[str, str] = field(default_factory=dict)
    #: Whether a finding must match its own CloudTrail events before anything is enforced.
    require_proof: bool = True
    #: True refuses every change, whatever an alert asks for.
    kill_switch: bool = False
    protected_accounts: tuple[str, ...] = ()
    #: ARNs, user or role names, access key ids; ``*`` is a wildcard.
    protected_principals: tuple[str, ...] = ()
    #: Resource ids or ARNs; ``*`` is a wildcard.
    protected_resources: tuple[str, ...] = ()
    #: ``key=value`` or ``key``; a resource that carries one is left alone.
    protected_tags: tuple[str, ...] = ()
    #: Entries of the lookup ``responder_protected`` that count now: not of the tab, and read together with it wherever
    #: guardrails decide (``remediation.recent_safety``).
    protections: tuple[Protection, ...] = ()
    #: Days before an entry of ``protections`` ends from which on people are warned.
    protection_warning_days: int = 14
    #: Days for which a case may be excused at most.
    longest_excuse_days: int = LONGEST_EXCUSE
    #: When changes are made by themselves; without a window of its playbook, its account or ``*`` a change always is.
    change_windows: tuple[ChangeWindow, ...] = ()
    #: By playbook: days, and uses, beyond which a resource is left alone.
    oldest_resources: Mapping[str, int] = field(default_factory=dict)
    most_uses: Mapping[str, int] = field(default_factory=dict)
    #: Hours for which a plan waits for an answer, and how many approvals it takes.
    approval_hours: int = 4
    approvals_needed: int = 1
    #: Whether the approval of the alert's owner, of who asked and of who did it does not count.
    four_eyes: bool = False
    #: A channel of the default workspace that is asked, too, once half of the time is over; empty for none.
    escalation_channel: str = ""
    #: By playbook: minutes between plan and change in which anybody may say no, and hours after which a change is taken
    #: back unless somebody keeps it.
    playbook_delays: Mapping[str, int] = field(default_factory=dict)
    playbook_time_limits: Mapping[str, int] = field(default_factory=dict)
    max_changes_per_run: int = 20
    #: Of all runs together, in any hour; and of these, by one playbook in one account.
    max_changes_per_hour: int = 100
    max_changes_per_account_and_playbook: int = 50
    #: Ports that may be open to the world (playbook ``revoke_open_ingress``).
    allowed_open_ports: tuple[int, ...] = (80, 443)
    #: Whether it lets private ranges in before it revokes what is open to the world.
    keep_private_ranges: bool = False

    @classmethod
    def from_conf(cls, stanza: Mapping[str, str]) -> Safety:
        """Raises ConfigurationError: a guardrail that cannot be read must stop the run, not be skipped."""
        read = StanzaReader({"allowed_open_ports": "80,443", **stanza}, "Safety", "Safety")
        ports = read.items("allowed_open_ports", "Allowed open ports", r"[0-9]{1,5}", "a port number")
        unknown = next((port for port in ports if not 1 <= int(port) <= 65535), "")
        if unknown:
            raise read.wrong("Allowed open ports", f"has the entry '{unknown}', which is not a port from 1 to 65535")
        return cls(
            default_mode=read.choice("default_mode", "Default mode", MODES, "simulate"),
            mode_ceiling=read.choice("mode_ceiling", "Highest mode", MODES, ""),
            playbook_ceilings=_playbook_ceilings(read),
            require_proof=read.flag("require_proof", "Require proof", default=True),
            kill_switch=read.flag("kill_switch", "Kill switch"),
            protected_accounts=read.items("protected_accounts", "Protected accounts"),
            protected_principals=read.items("protected_principals", "Protected principals"),
            protected_resources=read.items("protected_resources", "Protected resources"),
            protected_tags=read.items("protected_tags", "Protected tags"),
            protection_warning_days=read.number("protection_warning_days", "Days of warning", 14, 1, 365),
            longest_excuse_days=longest_days(read),
            change_windows=_change_windows(read),
            oldest_resources=_numbers(read, "oldest_resources", "Oldest resource by playbook", 36500),
            most_uses=_numbers(read, "most_uses", "Most uses by playbook", 99999, low=0),
            approval_hours=read.number("approval_hours", "Hours to answer", 4, 1, 72),
            approvals_needed=read.number("approvals_needed", "Approvals needed", 1, 1, 2),
            four_eyes=read.flag("four_eyes", "Four eyes"),
            escalation_channel=_channel_name(read),
            playbook_delays=_numbers(read, "playbook_delays", "Delay by playbook", 1440),
            playbook_time_limits=_numbers(read, "playbook_time_limits", "Time limit by playbook", 720),
            max_changes_per_run=read.number("max_changes_per_run", "Changes per run", 20, 1, 1000),
            max_changes_per_hour=read.number("max_changes_per_hour", "Changes per hour", 100, 1, 10000),
            max_changes_per_account_and_playbook=read.number(
                "max_changes_per_account_and_playbook", "Changes per account and playbook", 50, 1, 10000
            ),
            allowed_open_ports=tuple(int(port) for port in ports),
            keep_private_ranges=read.flag("keep_private_ranges", "Keep private ranges"),
        )


def _channel_name(read: StanzaReader) -> str:
    channels = read.items(
        "escalation_channel",
        "Escalation channel",
        CHANNEL,
        "a channel such as #security-oncall or C0123456789",
    )
    return channels[0].lstrip("#") if channels else ""


def _change_windows(read: StanzaReader) -> tuple[ChangeWindow, ...]:
    label, text = "Change windows", read.text("change_windows")
    try:
        found = change_windows.parse(text)
    except ValueError as error:
        raise read.wrong(label, str(error)) from None
    if text and not found:
        raise read.wrong(label, f"is '{text[:60]}', which has no entry")
    return found


def _numbers(read: StanzaReader, name: str, label: str, most: int, low: int = 1) -> Mapping[str, int]:
    found = _by_playbook(read, name, label, "[0-9]{1,5}", "a pair such as revoke_open_ingress=10")
    for playbook, number in found.items():
        if not low <= int(number) <= most:
            raise read.wrong(label, f"gives {playbook} the number {number}, which is not from {low} to {most}")
    return MappingProxyType({playbook: int(number) for playbook, number in found.items()})


def _playbook_ceilings(read: StanzaReader) -> Mapping[str, str]:
    label, form = "Highest mode by playbook", "a pair such as deactivate_access_key=approve"
    found = _by_playbook(read, "playbook_ceilings", label, "[a-z]+", form)
    for playbook, mode in found.items():
        if mode not in MODES:
            raise read.wrong(label, f"gives {playbook} the mode '{mode}', which is not one of {', '.join(MODES)}")
    # One reading of the tab serves all threads.
    return MappingProxyType(found)


def _by_playbook(read: StanzaReader, name: str, label: str, value: str, form: str) -> dict[str, str]:
    """Pairs of a playbook and a value of this pattern, blanks around ``=`` or not."""
    joined = replace(read, stanza={name: re.sub(r"\s*=\s*", "=", read.text(name))})
    found: dict[str, str] = {}
    for pair in joined.items(name, label, f"[a-z][a-z0-9_]*={value}", form):
        playbook, _, given = pair.partition("=")
        if found.setdefault(playbook, given) != given:
            raise read.wrong(label, f"names {playbook} twice")
    return found
