"""ATT&CK techniques in the words of the other frameworks that Enterprise Security shows as annotations.

All of it is derived: a detection names its techniques, and whether it looks for deviations follows from its YAML.
Sources:

- techniques, which of them were renumbered, and their tactics: MITRE ATT&CK for Enterprise, version 19.2; a
  sub-technique has the tactics of its technique, a renumbered one those of its successor. Content of other vendors
  still names old IDs, so a detection that names one carries both. The table is the one that ships with the app.
- kill chain phases: Lockheed Martin, "Intelligence-Driven Computer Network Defense"; tactic by tactic as Splunk's own
  content has it (contentctl, ``ATTACK_TACTICS_KILLCHAIN_MAPPING``), so that both sort alike on one dashboard.
- CIS: titles of the CIS Critical Security Controls, version 8 (Enterprise Security's key is still called ``cis20``).
  MITRE and CIS map safeguards to mitigations, not detections to tactics; this assignment is ours: the control that is
  meant to prevent what the tactic does in a cloud account.
- NIST: categories of the Cybersecurity Framework 1.1 for detection, by the kind of detection as contentctl does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

_SHIPPED = Path(__file__).parents[2] / "package" / "bin" / "responder" / "findings" / "renumbered.json"
_ATTACK = json.loads(_SHIPPED.read_text(encoding="utf-8"))
#: Of ATT&CK.
VERSION: str = _ATTACK["version"]
#: ID until version 18 -> ID now.
RENUMBERED: dict[str, str] = _ATTACK["techniques"]
#: Tactics of the techniques that detections name, without their sub-technique, by the ID that they have now.
TACTICS = {
    "T1003": ("Credential Access",),
    "T1005": ("Collection",),
    "T1020": ("Exfiltration",),
    "T1021": ("Lateral Movement",),
    "T1040": ("Credential Access", "Discovery"),
    "T1041": ("Exfiltration",),
    "T1048": ("Exfiltration",),
    "T1053": ("Execution", "Persistence", "Privilege Escalation"),
    "T1059": ("Execution",),
    "T1069": ("Discovery",),
    "T1070": ("Stealth",),
    "T1071": ("Command And Control",),
    "T1072": ("Execution", "Lateral Movement"),
    "T1078": ("Initial Access", "Persistence", "Privilege Escalation", "Stealth"),
    "T1087": ("Discovery",),
    "T1090": ("Command And Control",),
    "T1098": ("Persistence", "Privilege Escalation"),
    "T1110": ("Credential Access",),
    "T1114": ("Collection",),
    "T1119": ("Collection",),
    "T1133": ("Initial Access", "Persistence"),
    "T1136": ("Persistence",),
    "T1190": ("Initial Access",),
    "T1195": ("Initial Access",),
    "T1199": ("Initial Access",),
    "T1201": ("Discovery",),
    "T1204": ("Execution",),
    "T1213": ("Collection",),
    "T1484": ("Privilege Escalation", "Defense Impairment"),
    "T1485": ("Impact",),
    "T1486": ("Impact",),
    "T1489": ("Impact",),
    "T1490": ("Impact",),
    "T1491": ("Impact",),
    "T1496": ("Impact",),
    "T1525": ("Persistence",),
    "T1526": ("Discovery",),
    "T1528": ("Credential Access",),
    "T1530": ("Collection",),
    "T1531": ("Impact",),
    "T1535": ("Stealth",),
    "T1537": ("Exfiltration",),
    "T1546": ("Persistence", "Privilege Escalation"),
    "T1548": ("Privilege Escalation",),
    "T1550": ("Lateral Movement",),
    "T1552": ("Credential Access",),
    "T1555": ("Credential Access",),
    "T1556": ("Persistence", "Defense Impairment", "Credential Access"),
    "T1557": ("Credential Access", "Collection"),
    "T1565": ("Impact",),
    "T1566": ("Initial Access",),
    "T1567": ("Exfiltration",),
    "T1568": ("Command And Control",),
    "T1572": ("Command And Control",),
    "T1578": ("Defense Impairment",),
    "T1580": ("Discovery",),
    "T1583": ("Resource Development",),
    "T1584": ("Resource Development",),
    "T1599": ("Defense Impairment",),
    "T1606": ("Credential Access",),
    "T1609": ("Execution",),
    "T1610": ("Execution",),
    "T1619": ("Discovery",),
    "T1621": ("Credential Access",),
    "T1648": ("Execution",),
    "T1649": ("Credential Access",),
    "T1651": ("Execution",),
    "T1657": ("Impact",),
    "T1666": ("Defense Impairment",),
    "T1685": ("Defense Impairment",),
    "T1686": ("Defense Impairment",),
}
PHASES = (
    "Reconnaissance", "Weaponization", "Delivery", "Exploitation", "Installation", "Command and Control",
    "Actions on Objectives",
)  # fmt: skip
KILL_CHAIN = {
    "Reconnaissance": "Reconnaissance",
    "Resource Development": "Weaponization",
    "Initial Access": "Delivery",
    "Execution": "Installation",
    "Persistence": "Installation",
    "Privilege Escalation": "Exploitation",
    "Stealth": "Exploitation",
    "Defense Impairment": "Exploitation",
    "Credential Access": "Exploitation",
    "Discovery": "Exploitation",
    "Lateral Movement": "Exploitation",
    "Collection": "Exploitation",
    "Command And Control": "Command and Control",
    "Exfiltration": "Actions on Objectives",
    "Impact": "Actions on Objectives",
}
CIS = {
    "Reconnaissance": "CIS 13",  # Network Monitoring and Defense
    "Resource Development": "CIS 13",
    "Initial Access": "CIS 6",  # Access Control Management
    "Execution": "CIS 4",  # Secure Configuration of Enterprise Assets and Software
    "Persistence": "CIS 5",  # Account Management
    "Privilege Escalation": "CIS 6",
    "Stealth": "CIS 8",  # Audit Log Management
    "Defense Impairment": "CIS 8",
    "Credential Access": "CIS 5",
    "Discovery": "CIS 13",
    "Lateral Movement": "CIS 12",  # Network Infrastructure Management
    "Collection": "CIS 3",  # Data Protection
    "Command And Control": "CIS 13",
    "Exfiltration": "CIS 3",
    "Impact": "CIS 11",  # Data Recovery
}
#: By whether a detection looks for deviations: Anomalies and Events, Security Continuous Monitoring.
NIST = {True: "DE.AE", False: "DE.CM"}


class UnknownTechnique(ValueError):
    """A technique that the table does not have yet."""


def current(technique: str) -> str:
    """Its ID in ``VERSION``."""
    return RENUMBERED.get(technique, technique)


def with_current(techniques: Iterable[str]) -> tuple[str, ...]:
    """Each of them, then the IDs that renumbered ones have now."""
    named = tuple(techniques)
    return tuple(dict.fromkeys((*named, *map(current, named))))


def tactics(techniques: Iterable[str]) -> list[str]:
    """In the order of the matrix. Raises UnknownTechnique."""
    found: set[str] = set()
    for technique in techniques:
        known = TACTICS.get(current(technique).partition(".")[0])
        if known is None:
            raise UnknownTechnique(
                f"{technique}: its tactics are not known; add a line to TACTICS in workbench/detections/frameworks.py."
            )
        found.update(known)
    return [tactic for tactic in KILL_CHAIN if tactic in found]


def kill_chain_phases(techniques: Iterable[str]) -> list[str]:
    found = {KILL_CHAIN[tactic] for tactic in tactics(techniques)}
    return [phase for phase in PHASES if phase in found]


def cis(techniques: Iterable[str]) -> list[str]:
    found = {CIS[tactic] for tactic in tactics(techniques)}
    return sorted(found, key=lambda control: int(control.partition(" ")[2]))


def nist(is_anomaly: bool) -> list[str]:
    return [NIST[is_anomaly]]
