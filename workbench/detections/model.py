"""A detection as it is written down, read and checked.

``load(folder)`` reads every ``<family>/<id>.yaml``. What is wrong is an ``InvalidDetection`` that names file and fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import yaml

from .baselines import MARK, Baseline, FirstSeen, UsualCount

SEVERITIES = ("informational", "low", "medium", "high", "critical")
MITRE = re.compile(r"T\d{4}(\.\d{3})?")
_ID = re.compile(r"[a-z][a-z0-9_]{2,99}")
#: Seconds: what the finding contract allows (responder/findings/finding.py).
LONGEST_THROTTLE = 86_400
_SPAN = re.compile(r"[1-9]\d*[smhd]")
#: Log sources, each with the shared macro that starts every search of it, so that one setting points them all there.
SOURCES = {"cloudtrail": "`cloudtrail_index`", "vpcflow": "`vpcflow_index`", "resolver": "`resolver_index`"}
REQUIRED = {
    "id", "title", "family", "description", "severity", "attempts", "mitre", "search", "finding",
    "recommended_playbook", "schedule", "throttle", "enabled_by_default", "false_positives", "misses", "references",
    "response",
}  # fmt: skip
OPTIONAL = {"source", "baseline"}
FINDING_REQUIRED = {"object_category", "object_id", "reason", "detail", "dedup"}
FINDING_OPTIONAL = {"severity", "playbook", "items", "scope", "grouped"}


class InvalidDetection(ValueError):
    """A detection's file is not as docs/detections/README.md asks."""


@dataclass(frozen=True)
class Mapped:
    """How the search's fields become the finding: every value is an eval expression."""

    object_category: str
    object_id: str
    reason: str
    detail: str
    #: What a case is about, within detection, account and region.
    dedup: str
    #: Overrides the detection's severity for what succeeded.
    severity: Optional[str] = None
    #: Overrides the recommended playbook, also for what was refused.
    playbook: Optional[str] = None
    #: Key of ``detail`` under which the JSON texts in ``detail_item`` are gathered.
    items: Optional[str] = None
    #: ``account`` leaves the region out of the dedup key.
    scope: str = "region"
    #: The search has made one row a dedup key itself.
    grouped: bool = False


@dataclass(frozen=True)
class Schedule:
    """Runs every so many minutes over what was indexed since the last run, and a little more."""

    every_minutes: int
    overlap_minutes: int
    #: How old an event may be when it arrives, as a span: ``24h``.
    lookback: str


@dataclass(frozen=True)
class Detection:
    id: str
    title: str
    family: str
    description: str
    severity: str
    #: Severity of a refused attempt; None when there is no finding of it.
    attempts: Optional[str]
    mitre: tuple[str, ...]
    #: The log that it reads: a key of ``SOURCES``.
    source: str
    search: str
    finding: Mapped
    recommended_playbook: Optional[str]
    schedule: Schedule
    throttle_fields: tuple[str, ...]
    throttle_period: str
    enabled_by_default: bool
    false_positives: tuple[str, ...]
    misses: tuple[str, ...]
    references: tuple[str, ...]
    response: tuple[str, ...]
    path: Path = field(compare=False)
    #: What is usual, where the detection asks for what is not.
    baseline: Optional[Baseline] = None

    @property
    def samples_path(self) -> Path:
        return self.path.with_name(f"{self.id}.samples.yaml")

    def samples(self) -> list[dict[str, Any]]:
        """Its samples: ``case`` (fires, silent, attempt), ``why``, ``events`` and what to expect."""
        loaded = _parsed(self.samples_path)
        return [dict(sample) for sample in loaded]


def load(folder: Path) -> list[Detection]:
    """Every detection below ``folder``, by id. Raises InvalidDetection."""
    paths = sorted(path for path in folder.glob("*/*.yaml") if not path.name.endswith(".samples.yaml"))
    found = [read(path) for path in paths]
    ids = [detection.id for detection in found]
    for name in ids:
        if ids.count(name) > 1:
            raise InvalidDetection(f"There are two detections with the id {name}.")
    return sorted(found, key=lambda detection: detection.id)


def read(path: Path) -> Detection:
    try:
        written = _parsed(path)
    except yaml.YAMLError as error:
        raise InvalidDetection(f"{path}: it is not YAML: {error}") from error
    try:
        return _detection(path, written)
    except (InvalidDetection, TypeError, AttributeError, KeyError) as error:
        raise InvalidDetection(f"{path.parent.name}/{path.name}: {error}") from error


def _parsed(path: Path) -> Any:
    # The loader in C, where PyYAML was built with it, is ten times as fast and reads the same.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def _detection(path: Path, written: Mapping[str, Any]) -> Detection:
    _keys("the file", written, REQUIRED, OPTIONAL)
    _keys("finding", written["finding"], FINDING_REQUIRED, FINDING_OPTIONAL)
    if written["id"] != path.stem or not _ID.fullmatch(written["id"]):
        raise InvalidDetection(f"the id '{written['id']}' has to be the file's name, in snake_case.")
    if written["family"] != path.parent.name:
        raise InvalidDetection(f"the family '{written['family']}' has to be the folder's name.")
    _one_of("severity", written["severity"], SEVERITIES)
    _one_of("attempts", written["attempts"], (*SEVERITIES, "none"))
    if not written["mitre"] or not all(MITRE.fullmatch(technique) for technique in written["mitre"]):
        raise InvalidDetection("mitre is a list of technique ids such as T1562.008.")
    if re.search(r"[\"`$\\,]", written["title"]):
        raise InvalidDetection("the title goes into conf files and searches: no quotes, commas, backticks, $ or \\.")
    source = written.get("source", "cloudtrail")
    _one_of("source", source, tuple(SOURCES))
    if not written["search"].lstrip().startswith(SOURCES[source]):
        raise InvalidDetection(f"the search has to start with {SOURCES[source]}.")
    return Detection(
        id=written["id"],
        title=written["title"],
        family=written["family"],
        description=_sentence(written["description"]),
        severity=written["severity"],
        attempts=None if written["attempts"] == "none" else written["attempts"],
        mitre=tuple(written["mitre"]),
        source=source,
        search=written["search"].strip(),
        finding=Mapped(**{key: _expression(value) for key, value in written["finding"].items()}),
        recommended_playbook=written["recommended_playbook"],
        schedule=_schedule(written["schedule"]),
        throttle_fields=tuple(written["throttle"]["fields"]),
        throttle_period=_period(written["throttle"]["period"]),
        enabled_by_default=bool(written["enabled_by_default"]),
        path=path,
        baseline=_baseline(written.get("baseline"), written["search"]),
        **{name: _texts(name, written[name]) for name in ("false_positives", "misses", "references", "response")},
    )


def _keys(where: str, written: Mapping[str, Any], required: set[str], optional: set[str]) -> None:
    if missing := required - set(written):
        raise InvalidDetection(f"{where} lacks {', '.join(sorted(missing))}.")
    if unknown := set(written) - required - optional:
        raise InvalidDetection(f"{where} has {', '.join(sorted(unknown))}, which nothing reads.")


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidDetection(f"{name} is '{value}'; it has to be one of {', '.join(known)}.")


def _schedule(written: Mapping[str, Any]) -> Schedule:
    _keys("schedule", written, {"every_minutes", "overlap_minutes", "lookback"}, set())
    every, overlap = int(written["every_minutes"]), int(written["overlap_minutes"])
    if 60 % every and every % 60:
        raise InvalidDetection("schedule.every_minutes has to divide an hour or be whole hours.")
    if overlap < 1:
        raise InvalidDetection("schedule.overlap_minutes has to be at least 1, or a late run misses events.")
    return Schedule(every, overlap, _span("schedule.lookback", written["lookback"]))


def _baseline(written: Any, search: str) -> Optional[Baseline]:
    marks = sum(line.strip() == MARK for line in search.splitlines())
    if marks != (written is not None):
        raise InvalidDetection(
            f"the search has to have the line {MARK} once where there is a baseline, and else never."
        )
    if written is None:
        return None
    if not isinstance(written, Mapping) or len(written) != 1 or not set(written) <= {"first_seen", "usual_count"}:
        raise InvalidDetection("baseline is one of first_seen and usual_count.")
    ((kind, asked),) = written.items()
    if not isinstance(asked, Mapping):
        raise InvalidDetection(f"baseline.{kind} is '{asked}'; it has to have keys of its own, such as subject.")
    where = f"baseline.{kind}"
    if kind == "first_seen":
        _keys(where, asked, {"subject", "value"}, {"days"})
        days = _whole(f"{where}.days", asked.get("days", 7), 1, 60)
        return FirstSeen(_eval(where, asked, "subject"), _eval(where, asked, "value"), days)
    _keys(where, asked, {"subject", "count", "learn_from"}, set())
    learn_from = _whole(f"{where}.learn_from", asked["learn_from"], 1, 10_000)
    return UsualCount(_eval(where, asked, "subject"), _eval(where, asked, "count"), learn_from)


def _eval(where: str, written: Mapping[str, Any], name: str) -> str:
    value = written[name]
    if not isinstance(value, str) or not value.strip():
        raise InvalidDetection(f"{where}.{name} is '{value}'; it has to be an eval expression.")
    return str(_expression(value))


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise InvalidDetection(f"{name} is '{value}'; it has to be a whole number from {least} to {most}.")
    return value


def _period(value: Any) -> str:
    period = _span("throttle.period", value)
    if seconds(period) > LONGEST_THROTTLE:
        raise InvalidDetection(f"throttle.period is '{period}'; at most 24h may pass until a case is told of again.")
    return period


def seconds(span: str) -> int:
    """Seconds of a span such as ``4h``."""
    return int(span[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[span[-1]]


def _span(name: str, value: Any) -> str:
    if not _SPAN.fullmatch(str(value)):
        raise InvalidDetection(f"{name} is '{value}'; it has to be a span such as 24h.")
    return str(value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise InvalidDetection(f"{name} has to be a list of sentences, and not empty.")
    return tuple(_sentence(item) for item in value)


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _expression(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value
