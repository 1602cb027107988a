"""``policies``: IAM policies and roles for the playbooks that are chosen, and no more than their ceilings allow.

Post ``{"playbooks": [id, ...], "mode": mode, "partition": partition}``, each optional: all playbooks, the modes that
the Safety tab allows now, JSON policies for partition ``aws``; the templates are for every partition. With ``mode``,
each playbook is taken to have that mode at most, whatever the Safety tab says: so the policies can be made before the
ceilings are raised. With ``"dispatch": true`` it is the policies for the targets on the Dispatch tab instead, and for
nothing else: one for each AWS account entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import arn
from ..aws.dispatch.registry import dispatcher_of
from ..errors import Rejected
from ..remediation import armed, policies, roles
from ..remediation.permission import Permission
from ..settings.model import MODES, Safety
from ..settings.reader import Configuration
from .base import Endpoint, Request


@dataclass(frozen=True)
class PolicyMode:
    playbook: str
    mode: str


@dataclass(frozen=True)
class PolicyFile:
    file: str
    #: ``json``, ``cloudformation`` or ``terraform``.
    format: str
    #: ``change``, ``read``, ``list`` or ``both``; of dispatch targets the name of their account entry.
    role: str
    text: str


@dataclass(frozen=True)
class Policies:
    playbooks: Sequence[PolicyMode]
    files: Sequence[PolicyFile]


def answer(request: Request) -> Mapping[str, Any]:
    """As ``Policies``."""
    partition, mode = request.text("partition", 40) or "aws", request.text("mode", 20)
    if partition not in arn.PARTITIONS:
        raise Rejected(f"'{partition}' is not an AWS partition.", f"Use one of {', '.join(arn.PARTITIONS)}.")
    if mode and mode not in MODES:
        raise Rejected(f"Mode '{mode}' is not one of {', '.join(MODES)}.")
    if request.body.get("dispatch") is True:
        return {"playbooks": [], "files": list(_of_targets(Configuration(request.splunkd)))}
    safety = Safety(default_mode=mode) if mode else Configuration(request.splunkd).safety
    chosen = armed.named(request.texts("playbooks"))
    modes = {playbook.id: armed.highest_mode(playbook, safety) for playbook in chosen}
    made = roles.roles_for(chosen, [playbook for playbook in chosen if modes[playbook.id] != "simulate"])
    return {
        "playbooks": [{"playbook": name, "mode": mode} for name, mode in modes.items()],
        "files": [*_documents(made, partition), *_templates(made)],
    }


def _of_targets(config: Configuration) -> Iterator[dict[str, str]]:
    """Exactly what the saved targets need; ``role`` is the name of the account entry that calls them."""
    by_entry: dict[str, list[Permission]] = {}
    for name in config.dispatch_target_names:
        target = config.dispatch_target(name)
        granted = dispatcher_of(target).granted(target)
        by_entry.setdefault(target.aws_account, []).extend(Permission(action, arn) for action, arn in granted)
    for entry, permissions in sorted(by_entry.items()):
        for number, document in enumerate(policies.policies(permissions), 1):
            yield _file(f"dispatch-{entry}-{number}.json", "json", entry, json.dumps(document, indent=2))


def _documents(made: roles.Roles, partition: str) -> list[dict[str, str]]:
    found = []
    for role, permissions in (("change", made.change), ("read", made.read), ("list", policies.to_list())):
        found += [
            _file(f"{role}-{number}.json", "json", role, json.dumps(document, indent=2))
            for number, document in enumerate(policies.policies(permissions, partition), 1)
        ]
    trust = json.dumps(roles.example_trust(partition), indent=2)
    return [*found, _file("trust.json", "json", "both", trust)]


def _templates(made: roles.Roles) -> list[dict[str, str]]:
    return [
        _file("cloudformation.json", "cloudformation", "both", roles.cloudformation(made)),
        _file("main.tf", "terraform", "both", roles.terraform(made)),
    ]


def _file(name: str, kind: str, role: str, text: str) -> dict[str, str]:
    return {"file": name, "format": kind, "role": role, "text": text}


ENDPOINT = Endpoint("policies", "cloudtrail_responder_view", answer, Policies)
