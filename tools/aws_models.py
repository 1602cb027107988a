"""Cuts botocore's data to the services, and of EC2 to the operations, that the app uses: those its playbooks declare.

It saves 20 MB, and with EC2, whose model describes 760 operations, most of the time of making a client.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import playbooks, tarball

#: Files beside the services that botocore reads.
SHARED = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")


class ModelError(Exception):
    """botocore's data is not as this file expects it, or a playbook asks for what is not there."""


@dataclass(frozen=True)
class Used:
    """What the app uses of botocore's data; its text is part of what the cached lib/ is known by."""

    services: tuple[str, ...]
    ec2_operations: tuple[str, ...]


def used(sources: Path) -> Used:
    """What the playbooks below ``sources`` declare. The operations of EC2 have the names of its permissions."""
    services, actions = playbooks.services(sources), set()
    for playbook in playbooks.load(sources):
        found = {str(permission.action) for permission in playbook.permissions}
        actions |= {action[4:] for action in found if action.startswith("ec2:")}
        if actions and "ec2" not in services:
            raise ModelError(f"playbook {playbook.id} has permissions for ec2, which its services lack")
    return Used(tuple(sorted(services)), tuple(sorted(actions)))


def cut(data: Path, use: Used) -> None:
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
    if "ec2" in use.services:
        _cut_service(next((data / "ec2").iterdir()), frozenset(use.ec2_operations))


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


def _cut_service(folder: Path, wanted: frozenset[str]) -> None:
    """Keep the wanted operations, the shapes they reach, and their paginators and waiters."""
    path = folder / "service-2.json.gz"
    model = json.loads(gzip.decompress(path.read_bytes()))
    unknown = wanted - set(model["operations"])
    if unknown:
        raise ModelError(f"EC2 has no operation {', '.join(sorted(unknown))}; correct the playbook's permissions")
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
