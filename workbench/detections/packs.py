"""Packs: detections that are switched on together. ``detections/packs.yaml`` declares them, nothing else their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .model import Detection, InvalidDetection
from .terms import literal_terms

FILE = "packs.yaml"


@dataclass(frozen=True)
class Pack:
    id: str
    title: str
    #: What it is for, in a sentence or two.
    about: str
    #: Ids, in the order in which they are shown.
    detections: tuple[str, ...]


def is_quiet(detection: Detection) -> bool:
    """High at least, without a baseline, and the index looks up what it reads. A refused attempt is rated lower."""
    return (
        detection.severity in ("high", "critical")
        and detection.severity_when_denied not in ("high", "critical")
        and detection.source == "cloudtrail"
        and detection.baseline is None
        and bool(literal_terms(detection.search.partition("\n")[0]))
    )


#: What a pack may name as its ``rule``.
RULES: Mapping[str, Callable[[Detection], bool]] = {"quiet": is_quiet}


def load(folder: Path, detections: Sequence[Detection]) -> list[Pack]:
    """Those that ``folder`` declares, in their order. Raises InvalidDetection."""
    path = folder / FILE
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidDetection(f"{path}: cannot be read: {error}") from error
    try:
        found = [_pack(one, detections) for one in written]
    except (TypeError, KeyError, AttributeError) as error:
        raise InvalidDetection(f"{FILE}: a pack has id, title, about, and either detections or a rule.") from error
    if len({pack.id for pack in found}) < len(found):
        raise InvalidDetection(f"{FILE}: two packs have the same id.")
    return found


def _pack(written: Mapping[str, Any], detections: Sequence[Detection]) -> Pack:
    name = written["id"]
    if unknown := set(written) - {"id", "title", "about", "detections", "rule"}:
        raise InvalidDetection(f"{FILE}: the pack {name} has unknown keys: {', '.join(sorted(unknown))}.")
    if ("rule" in written) == ("detections" in written):
        raise InvalidDetection(f"{FILE}: the pack {name} needs either detections or a rule.")
    if "rule" in written:
        rule = RULES.get(written["rule"])
        if rule is None:
            raise InvalidDetection(f"{FILE}: the pack {name} has a rule that is none of {', '.join(RULES)}.")
        chosen = tuple(one.id for one in sorted(detections, key=lambda one: (one.family, one.id)) if rule(one))
    else:
        chosen = tuple(written["detections"])
    known = {one.id for one in detections}
    if missing := [one for one in chosen if one not in known]:
        raise InvalidDetection(f"{FILE}: the pack {name} names {', '.join(missing)}, and there is no such detection.")
    if not chosen or len(set(chosen)) < len(chosen):
        raise InvalidDetection(f"{FILE}: the pack {name} is empty, or names a detection twice.")
    return Pack(str(name), str(written["title"]), " ".join(str(written["about"]).split()), chosen)
