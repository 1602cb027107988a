"""Cuts botocore's data to the services and operations that the app uses: those its playbooks declare.

It saves 20 MB, and with EC2, whose model describes 760 operations, most of the time of making a client.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import playbooks, tarball

#: Files beside the services that botocore reads.
SHARED = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")


#: Operations that no playbook asks for: who we are; and what botocore itself calls when S3 redirects a request, or when
#: a bucket's name is that of a directory bucket.
ALWAYS = {"sts": playbooks.SIGN_IN, "s3": ("CreateSession", "HeadBucket")}


class ModelError(Exception):
    """botocore's data is not as this file expects it, or a playbook needs an operation that it lacks."""


@dataclass(frozen=True)
class Used:
    """What the app uses of botocore's data; its text is part of what the cached lib/ is known by."""

    services: tuple[str, ...]
    #: IAM's names of what it calls, as in ``ec2:DescribeVpcs``.
    actions: tuple[str, ...]


#: The IAM action behind an operation of a service.
ActionOf = Callable[[str, str], str]


def used(sources: Path) -> Used:
    """What the playbooks below ``sources`` declare."""
    action_of = playbooks.action_of(sources)
    beside = playbooks.permissions_beside(sources)
    actions = {str(permission.action) for permission in beside if not permission.implied}
    for playbook in playbooks.load(sources):
        prefixes = {_prefix(action_of(service, "")) for service in playbook.services}
        asked = playbooks.asked_by_sweep(playbook)
        found = {str(permission.action) for permission in asked if not permission.implied}
        lacking = sorted({_prefix(action) for action in found} - prefixes)
        if lacking:
            raise ModelError(f"playbook {playbook.id} has permissions for {lacking[0]}, which its services lack")
        actions |= found
    return Used(tuple(sorted(playbooks.services(sources))), tuple(sorted(actions)))


def _prefix(action: str) -> str:
    return action.partition(":")[0]


def cut(data: Path, use: Used, action_of: ActionOf) -> None:
    """Cut ``data`` (botocore/data) in place to what is used."""
    for path in sorted(data.iterdir()):
        if path.is_dir() and path.name not in use.services:
            shutil.rmtree(path)
        elif path.is_file() and path.name not in SHARED:
            path.unlink()
    missing = [name for name in (*use.services, *SHARED) if not (data / name).exists()]
    if missing:
        raise ModelError(f"botocore/data lacks {', '.join(missing)}")
    for name in use.services:
        _keep_newest_version(data / name)
    _cut_endpoints(data / "endpoints.json", use.services)
    found: set[str] = set()
    for name in use.services:
        found |= _cut_service(next((data / name).iterdir()), name, use.actions, action_of)
    unknown = set(use.actions) - found
    if unknown:
        raise ModelError(
            f"no operation needs {', '.join(sorted(unknown))}; correct the playbook's permissions, declare what AWS "
            "asks for within another call as implied, or add the operation's name to iam_actions.py"
        )


def _keep_newest_version(service: Path) -> None:
    *older, newest = sorted(path for path in service.iterdir() if path.is_dir())
    for path in older:
        shutil.rmtree(path)
    for path in newest.glob("examples-1.json*"):
        path.unlink()


def _cut_endpoints(path: Path, services: Iterable[str]) -> None:
    endpoints = json.loads(path.read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: value for name, value in partition["services"].items() if name in services}
    path.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")


def _cut_service(folder: Path, service: str, actions: Iterable[str], action_of: ActionOf) -> set[str]:
    """Keep the operations that need one of the actions, the shapes they reach, their paginators and waiters.

    Returns the actions for which there is an operation.
    """
    path = folder / "service-2.json.gz"
    model = json.loads(gzip.decompress(path.read_bytes()))
    needed = {name: action_of(service, name) for name in model["operations"]}
    wanted = {name for name, action in needed.items() if action in actions or name in ALWAYS.get(service, ())}
    model.pop("documentation", None)
    model["operations"] = {name: _plain(op) for name, op in model["operations"].items() if name in wanted}
    shapes = _reachable(model["operations"].values(), model["shapes"])
    model["shapes"] = {name: _plain(model["shapes"][name]) for name in model["shapes"] if name in shapes}
    _write(path, model)
    for extra in folder.glob("paginators-1.sdk-extras.json*"):
        extra.unlink()
    for name, key, of in (("paginators-1", "pagination", None), ("waiters-2", "waiters", "operation")):
        for extra in folder.glob(f"{name}.json*"):
            content = json.loads(gzip.decompress(extra.read_bytes()) if extra.suffix == ".gz" else extra.read_bytes())
            content[key] = {n: v for n, v in content[key].items() if (v[of] if of else n) in wanted}
            extra.unlink()
            _write(folder / f"{name}.json.gz", content)
    return {needed[name] for name in wanted}


def _reachable(operations: Iterable[dict[str, Any]], shapes: dict[str, Any]) -> set[str]:
    queue = [op[part]["shape"] for op in operations for part in ("input", "output") if part in op]
    queue += [error["shape"] for op in operations for error in op.get("errors", ())]
    found: set[str] = set()
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.add(name)
        shape = shapes[name]
        members = [
            *shape.get("members", {}).values(),
            *(shape[part] for part in ("member", "key", "value") if part in shape),
        ]
        queue += [member["shape"] for member in members]
    return found


def _plain(value: Any) -> Any:
    """Without documentation, which the app never shows; a member that is *called* documentation has a shape."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if not (k == "documentation" and isinstance(v, str))}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _write(path: Path, content: Any) -> None:
    """Gzipped without time stamp: an uncompressed model trips AppInspect's address check."""
    path.write_bytes(tarball.gzipped(json.dumps(content, separators=(",", ":")).encode()))
