"""The playbooks of a source tree, for all that is generated from their declarations.

What ships of botocore (``aws_models``), the policies and pages in docs (``generate_iam``), and the macro by which the
searches know the app's own calls. So a new playbook is one file.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[1] / "package" / "bin"
#: Calls of the app that no permission stands for: who it is, and the role it assumes.
SIGN_IN = ("AssumeRole", "GetCallerIdentity")


def load(sources: Path = SOURCES) -> Sequence[Any]:
    """Every playbook of the package below ``sources``, by id. A process can load one tree only."""
    return tuple(_module("registry", sources).every())


def shared_permissions(sources: Path = SOURCES) -> Sequence[Any]:
    """What the app needs beside its playbooks."""
    return tuple(_module("permission", sources).SHARED_PERMISSIONS)


def sweep_permissions(sources: Path = SOURCES) -> Sequence[Any]:
    """What the sweep asks: for all that can be looked for, and to know the regions of an account."""
    looking = [playbook for playbook in load(sources) if playbook.sweeps]
    shared = _module("permission", sources).SWEEP_PERMISSIONS
    return (*shared, *(permission for playbook in looking for permission in asked_by_sweep(playbook)))


def asked_by_sweep(playbook: Any) -> Sequence[Any]:
    """What looking asks of AWS: what the playbook reads, and what is needed besides."""
    return (*playbook.permissions, *playbook.sweep_permissions)


def permissions_beside(sources: Path = SOURCES, only_routine: bool = False) -> Sequence[Any]:
    """All that the app may ask beside what its playbooks declare: also to list accounts, and to sweep.

    ``only_routine``: without what administrators have it do once.
    """
    listing = _module("permission", sources).LISTING_PERMISSIONS
    sets = (one for one in permission_sets(sources) if one.is_routine or not only_routine)
    others = (permission for one in sets for permission in one.permissions)
    return (*shared_permissions(sources), *listing, *sweep_permissions(sources), *others)


def permission_sets(sources: Path = SOURCES) -> Sequence[Any]:
    """What parts of the app that are no playbooks may ask of AWS."""
    return tuple(_imported("responder.permission_sets.permission_set", sources).every())


def policies(sources: Path = SOURCES) -> Any:
    """The module that makes IAM policies of what playbooks declare."""
    return _module("policies", sources)


def roles(sources: Path = SOURCES) -> Any:
    """The module that makes templates of the app's roles."""
    return _module("roles", sources)


def guides(sources: Path = SOURCES) -> dict[str, Any]:
    """What people have to do where no playbook can help, by id."""
    return dict(_module("guide", sources).every())


def example_of(guide: Any, sources: Path = SOURCES) -> list[str]:
    """The instructions of a guide, for a finding that names nothing."""
    return [str(one["text"]) for one in guide.plan(_module("guide", sources).NAMELESS)]


def example_resource(sources: Path = SOURCES) -> Any:
    """A resource of no importance: what a playbook declares of any is asked with it."""
    return _module("playbook", sources).Resource("arn:aws:iam::123456789012:user/example", "", "123456789012")


def services(sources: Path = SOURCES) -> frozenset[str]:
    """boto3 names of every service the app makes clients of."""
    used = {*_module("permission", sources).SHARED_SERVICES}
    used.update(*(one.services for one in permission_sets(sources)))
    return frozenset(used.union(*(playbook.services for playbook in load(sources))))


def action_of(sources: Path = SOURCES) -> Callable[[str, str], str]:
    """The IAM action behind an operation: boto3's name of the service, the operation's name in the API."""
    found: Callable[[str, str], str] = _imported("responder.aws.iam_actions", sources).iam_action
    return found


def partitions(sources: Path = SOURCES) -> Sequence[str]:
    """Every AWS partition, ``aws`` first."""
    return tuple(_imported("responder.arn", sources).PARTITIONS)


def own_calls(sources: Path = SOURCES) -> str:
    """A regular expression over CloudTrail's eventName: the calls that the app makes, forth and back.

    Lambda's names end in the version of its API. Some calls are logged by IAM's name of them, so these count, too.
    """
    permissions = [p for playbook in load(sources) for p in playbook.permissions]
    every = (*permissions, *permissions_beside(sources, only_routine=True))
    names = {name for p in every for name in (*p.event_names, p.action.partition(":")[2])}
    return rf"^({'|'.join(sorted(names.union(SIGN_IN)))})(\d{{8}}(v\d+)?)?$"


def _module(name: str, sources: Path) -> Any:
    return _imported(f"responder.remediation.{name}", sources)


def _imported(name: str, sources: Path) -> Any:
    if str(sources) not in sys.path:
        sys.path.insert(0, str(sources))
    return importlib.import_module(name)
