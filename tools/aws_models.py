"""Cuts botocore's data to the services, and of EC2 to the operations, that the app uses.

It saves 20 MB, and with EC2, whose model describes 760 operations, most of the time of making a client.
"""

from __future__ import annotations

import gzip
import importlib
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools import tarball

#: Services the app makes clients of.
SERVICES = ("cloudtrail", "ec2", "iam", "s3", "sts")
#: EC2 operations that no playbook's permission names.
MORE_EC2_OPERATIONS = frozenset({"DescribeRegions"})
#: Files beside the services that botocore reads.
SHARED = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")


class ModelError(Exception):
    """botocore's data is not as this file expects it, or a playbook needs an operation that it lacks."""


def ec2_operations(sources: Path) -> frozenset[str]:
    """The EC2 operations that the playbooks below ``sources`` declare permissions for; their names agree in EC2."""
    actions = {permission.action for playbook in playbooks(sources) for permission in playbook.permissions}
    foreign = {action.split(":")[0] for action in actions} - set(SERVICES)
    if foreign:
        raise ModelError(f"playbooks use services that aws_models.SERVICES lacks: {', '.join(sorted(foreign))}")
    return MORE_EC2_OPERATIONS | {action[4:] for action in actions if action.startswith("ec2:")}


def playbooks(sources: Path) -> list[Any]:
    """Every playbook class of the package below ``sources``."""
    sys.path.insert(0, str(sources))
    try:
        base = importlib.import_module("responder.remediation.playbook").Playbook
        for module in importlib.import_module("responder.remediation.registry").modules():
            importlib.import_module(module)
    finally:
        sys.path.remove(str(sources))
    found, queue = [], [base]
    while queue:
        for sub in queue.pop().__subclasses__():
            queue.append(sub)
            if "permissions" in vars(sub):
                found.append(sub)
    return sorted(found, key=lambda playbook: str(playbook.id))


def cut(data: Path, operations: Iterable[str]) -> None:
    """Cut ``data`` (botocore/data) in place; ``operations`` of EC2 are kept."""
    for path in sorted(data.iterdir()):
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
        elif path.is_file() and path.name not in SHARED:
            path.unlink()
    missing = [name for name in (*SERVICES, *SHARED) if not (data / name).exists()]
    if missing:
        raise ModelError(f"botocore/data lacks {', '.join(missing)}")
    for name in SERVICES:
        _keep_newest_version(data / name)
    _cut_endpoints(data / "endpoints.json")
    _cut_service(next((data / "ec2").iterdir()), frozenset(operations))


def _keep_newest_version(service: Path) -> None:
    *older, newest = sorted(path for path in service.iterdir() if path.is_dir())
    for path in older:
        shutil.rmtree(path)
    for path in newest.glob("examples-1.json*"):
        path.unlink()


def _cut_endpoints(path: Path) -> None:
    endpoints = json.loads(path.read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: value for name, value in partition["services"].items() if name in SERVICES}
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
