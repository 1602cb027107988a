"""Reads and validates detections.

``load(folder)`` reads every ``<family>/<id>.yaml``. Raises ``InvalidDetection`` with the file and the fault.
"""

from __future__ import annotations

import functools
import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from . import frameworks, layout, schedule
from .baselines import MARK, Baseline, FirstSeen, UnusualVolume
from .schedule import EVERY_MINUTES, Schedule

SEVERITIES = ("informational", "low", "medium", "high", "critical")
TECHNIQUE_ID = re.compile(r"T\d{4}(\.\d{3})?")
_ID = re.compile(r"[a-z][a-z0-9_]{2,99}")
#: Seconds: what the finding contract allows (responder/findings/finding.py).
LONGEST_THROTTLE = 86_400
_SPAN = re.compile(r"[1-9]\d*[smhd]")
#: Log sources, each with the shared macro that starts every search of it, so that one setting points them all there.
SOURCES = {"cloudtrail": "`cloudtrail_index`", "vpcflow": "`vpcflow_index`", "resolver": "`resolver_index`"}
REQUIRED = {
    "id", "title", "family", "description", "severity", "severity_when_denied", "mitre_attack_id", "search", "finding",
    "recommended_playbook", "throttle", "enabled_by_default", "false_positives", "blind_spots",
    "references", "runbook",
}  # fmt: skip
OPTIONAL = {"source", "baseline", "schedule", "no_playbook"}
FINDING_REQUIRED = {"object_category", "object_id", "reason", "detail", "dedup"}
FINDING_OPTIONAL = {"severity", "playbook", "items", "scope", "grouped", "by_actor"}


class InvalidDetection(ValueError):
    """The file of a detection breaks a rule of docs/detections/README.md."""


@dataclass(frozen=True)
class Mapped:
    """Maps the search's fields to the finding; every value is an eval expression."""

    object_category: str
    object_id: str
    reason: str
    detail: str
    #: Identifies the case within detection, account and region.
    dedup: str
    #: Overrides the detection's severity for calls that succeeded.
    severity: str | None = None
    #: Overrides the recommended playbook, also for denied calls.
    playbook: str | None = None
    #: Key of ``detail`` that collects the JSON texts in ``detail_item``.
    items: str | None = None
    #: ``account`` leaves the region out of the dedup key.
    scope: str = "region"
    #: The search itself gives one row per dedup key.
    grouped: bool = False
    #: It gives a row for each actor of a dedup key, so that an exception for one of them excuses no other.
    by_actor: bool = False


@dataclass(frozen=True)
class Detection:
    id: str
    title: str
    family: str
    description: str
    severity: str
    #: Severity of a call that AWS denied; None when it gives no finding.
    severity_when_denied: str | None
    #: Techniques of MITRE ATT&CK as the YAML names them; the first is the finding's.
    mitre_attack_id: tuple[str, ...]
    #: The log it reads: a key of ``SOURCES``.
    source: str
    search: str
    finding: Mapped
    recommended_playbook: str | None
    #: Why there is neither a playbook nor a guide; empty where there is one, or nobody has said.
    no_playbook: str
    schedule: Schedule
    throttle_period: str
    enabled_by_default: bool
    false_positives: tuple[str, ...]
    blind_spots: tuple[str, ...]
    references: tuple[str, ...]
    runbook: tuple[str, ...]
    path: Path = field(compare=False)
    #: Normal activity to compare with, if the detection looks for deviations.
    baseline: Baseline | None = None

    @property
    def techniques(self) -> tuple[str, ...]:
        """Those of the YAML, then the IDs that a newer version of ATT&CK gave to some of them."""
        return frameworks.with_current(self.mitre_attack_id)

    @property
    def samples_path(self) -> Path:
        return self.path.with_name(f"{self.id}.samples.yaml")

    def samples(self) -> list[dict[str, Any]]:
        """Its samples: ``case`` (fires, silent, denied), ``why``, ``events`` and the expected finding."""
        path = self.samples_path
        loaded = pickle.loads(_samples(path, path.stat().st_mtime_ns))
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
        raise InvalidDetection(f"{path}: not valid YAML: {error}") from error
    try:
        return _detection(path, written)
    except (InvalidDetection, TypeError, AttributeError, KeyError) as error:
        raise InvalidDetection(f"{path.parent.name}/{path.name}: {error}") from error


def _parsed(path: Path) -> Any:
    # The loader in C, where PyYAML was built with it, is ten times as fast and reads the same.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


@functools.lru_cache(maxsize=1024)
def _samples(path: Path, changed: int) -> bytes:
    """Pickled: whoever asks may change what they get, and YAML takes ten times as long to read."""
    return pickle.dumps(_parsed(path))


def _detection(path: Path, written: Mapping[str, Any]) -> Detection:
    _keys("the file", written, REQUIRED, OPTIONAL)
    _keys("finding", written["finding"], FINDING_REQUIRED, FINDING_OPTIONAL)
    _keys("throttle", written["throttle"], {"period"}, set())
    if written["id"] != path.stem or not _ID.fullmatch(written["id"]):
        raise InvalidDetection(f"the id '{written['id']}' must be the file name, in snake_case.")
    if written["family"] != path.parent.name:
        raise InvalidDetection(f"the family '{written['family']}' must be the folder name.")
    _one_of("severity", written["severity"], SEVERITIES)
    _one_of("severity_when_denied", written["severity_when_denied"], (*SEVERITIES, "none"))
    techniques = written["mitre_attack_id"]
    if not techniques or not all(TECHNIQUE_ID.fullmatch(technique) for technique in techniques):
        raise InvalidDetection("mitre_attack_id must be a list of technique ids such as T1562.008.")
    try:
        frameworks.tactics(techniques)
    except frameworks.UnknownTechnique as error:
        raise InvalidDetection(f"mitre_attack_id: {error}") from error
    if re.search(r"[\"`$\\]", written["title"]):
        raise InvalidDetection("the title must not contain quotes, backticks, $ or \\: it names a stanza.")
    source = written.get("source", "cloudtrail")
    _one_of("source", source, tuple(SOURCES))
    if not written["search"].lstrip().startswith(SOURCES[source]):
        raise InvalidDetection(f"the search must start with {SOURCES[source]}.")
    return Detection(
        id=written["id"],
        title=written["title"],
        family=written["family"],
        description=_sentence(written["description"]),
        severity=written["severity"],
        severity_when_denied=None if written["severity_when_denied"] == "none" else written["severity_when_denied"],
        mitre_attack_id=tuple(techniques),
        source=source,
        search=_search(written["search"]),
        finding=Mapped(**{key: _expression(value) for key, value in written["finding"].items()}),
        recommended_playbook=written["recommended_playbook"],
        no_playbook=_reason(written),
        schedule=_schedule(written),
        throttle_period=_period(written["throttle"]["period"]),
        enabled_by_default=bool(written["enabled_by_default"]),
        path=path,
        baseline=_baseline(written.get("baseline"), written["search"]),
        **{name: _texts(name, written[name]) for name in ("false_positives", "blind_spots", "references", "runbook")},
    )


def _reason(written: Mapping[str, Any]) -> str:
    reason = written.get("no_playbook", "")
    if reason and written["recommended_playbook"]:
        raise InvalidDetection("no_playbook gives the reason for none, but recommended_playbook names one.")
    return _sentence(reason) if reason else ""


def _keys(where: str, written: Mapping[str, Any], required: set[str], optional: set[str]) -> None:
    if missing := required - set(written):
        raise InvalidDetection(f"{where} lacks {', '.join(sorted(missing))}.")
    if unknown := set(written) - required - optional:
        raise InvalidDetection(f"{where} has unknown keys: {', '.join(sorted(unknown))}.")


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidDetection(f"{name} is '{value}'; it must be one of {', '.join(known)}.")


def _schedule(written: Mapping[str, Any]) -> Schedule:
    named = written.get("schedule", {})
    _keys("schedule", named, set(), {"urgency", "overlap_minutes", "lookback"})
    urgency = named.get("urgency") or schedule.urgency_of(written["severity"])
    _one_of("schedule.urgency", urgency, tuple(EVERY_MINUTES))
    made = Schedule(
        urgency,
        _whole("schedule.overlap_minutes", named.get("overlap_minutes", 0), 0, 600),
        _span("schedule.lookback", named.get("lookback", schedule.LOOKBACK)),
    )
    needed = made.baseline_window_minutes if written.get("baseline") else made.window_minutes
    # What was delivered an hour late is still to be found, in the oldest part of the window, too.
    if seconds(made.lookback) < 60 * (needed + 60):
        raise InvalidDetection(f"schedule.lookback is '{made.lookback}'; it must be at least {needed + 60}m.")
    return made


def _baseline(written: Any, search: str) -> Baseline | None:
    marks = sum(line.strip() == MARK for line in search.splitlines())
    if marks != (written is not None):
        raise InvalidDetection(
            f"the search must have the line {MARK} exactly once with a baseline, and never without one."
        )
    if written is None:
        return None
    if not isinstance(written, Mapping) or len(written) != 1 or not set(written) <= {"first_seen", "unusual_volume"}:
        raise InvalidDetection("baseline must be one of first_seen and unusual_volume.")
    ((kind, settings),) = written.items()
    if not isinstance(settings, Mapping):
        raise InvalidDetection(f"baseline.{kind} is '{settings}'; it must have keys of its own, such as subject.")
    where = f"baseline.{kind}"
    if kind == "first_seen":
        _keys(where, settings, {"subject", "value"}, {"learning_days"})
        learning_days = _whole(f"{where}.learning_days", settings.get("learning_days", 7), 0, 60)
        return FirstSeen(_eval(where, settings, "subject"), _eval(where, settings, "value"), learning_days)
    _keys(where, settings, {"subject", "count", "min_count"}, set())
    min_count = _whole(f"{where}.min_count", settings["min_count"], 1, 10_000)
    return UnusualVolume(_eval(where, settings, "subject"), _eval(where, settings, "count"), min_count)


def _eval(where: str, written: Mapping[str, Any], name: str) -> str:
    value = written[name]
    if not isinstance(value, str) or not value.strip():
        raise InvalidDetection(f"{where}.{name} is '{value}'; it must be an eval expression.")
    return str(_expression(value))


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise InvalidDetection(f"{name} is '{value}'; it must be a whole number from {least} to {most}.")
    return value


def _period(value: Any) -> str:
    period = _span("throttle.period", value)
    if seconds(period) > LONGEST_THROTTLE:
        raise InvalidDetection(f"throttle.period is '{period}'; it must be at most 24h.")
    return period


def seconds(span: str) -> int:
    """Seconds of a span such as ``4h``."""
    return int(span[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[span[-1]]


def _span(name: str, value: Any) -> str:
    if not _SPAN.fullmatch(str(value)):
        raise InvalidDetection(f"{name} is '{value}'; it must be a span such as 24h.")
    return str(value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise InvalidDetection(f"{name} must be a non-empty list of sentences.")
    return tuple(_sentence(item) for item in value)


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _search(text: str) -> str:
    """The base search on the first line, however it is written; commands as they are written."""
    base, *commands = text.strip().split("\n|")
    return "\n|".join([layout.flat(base), *commands])


def _expression(value: Any) -> Any:
    return layout.flat(value) if isinstance(value, str) else value
