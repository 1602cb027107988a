"""The figures for people, in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .score import KINDS, Counted, Family, Score

TITLES = {"succeeded": "succeeded", "refused": "refused", "made_up": "made up"}


def show(score: Score, console: Console, ids: bool = False) -> None:
    console.print(_families(score))
    for line in _summary(score):
        console.print(line, soft_wrap=True)
    if ids:
        _ids(score, console)
    for note in score.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    console.print(Text(f"{score.runs:,} runs of searches in {score.seconds:.1f} s.", style="dim"))


def _families(score: Score) -> Table:
    table = Table(
        title="Found of expected cases, by family; a group of records counts once",
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
        collapse_padding=True,
        pad_edge=False,
    )
    table.add_column("family", no_wrap=True)
    table.add_column("rules", justify="right")
    for kind in KINDS:
        table.add_column(TITLES[kind], justify="right")
    table.add_column("tolerated", justify="right")
    table.add_column("false", justify="right")
    for name, family in score.families.items():
        table.add_row(
            Text(name),
            Text(str(family.detections), style="" if family.detections else "yellow"),
            *(_found(family.kinds[kind]) for kind in KINDS),
            str(len(family.tolerated_ids) or ""),
            Text(str(len(family.false_pairs) or ""), style="bold red"),
        )
    table.add_section()
    table.add_row("all", "", *(_found(score.total(kind)) for kind in KINDS), "", str(len(score.false_pairs)))
    return table


def _found(counted: Counted) -> Text:
    if not counted.cases:
        return Text("")
    return Text(f"{counted.found}/{counted.cases}", style="red" if counted.missed else "green")


def _summary(score: Score) -> Iterable[str]:
    covered = score.total("succeeded", covered=True)
    background = len(score.background_false_pairs)
    yield f"Succeeded cases found, where the family has a detection: {_of(covered)}"
    yield "Found by any right family: " + ", ".join(
        f"{TITLES[kind]} {_of(score.any_right_family[kind])}" for kind in KINDS if score.any_right_family[kind].cases
    )
    yield f"Precision: {_figure(score.precision)} by case, {_figure(score.pair_precision)} by record"
    rate = "" if score.false_per_1000 is None else f" ({score.false_per_1000:.2f} per 1,000)"
    labeled = f"{len(score.false_pairs) - background} on {score.records - score.background_records:,} labeled records"
    yield f"False pairs: {labeled}, {background} on {score.background_records:,} of background{rate}"


def _of(counted: Counted) -> str:
    share = "" if counted.share is None else f" ({counted.share:.1%})"
    return f"{counted.found} of {counted.cases}{share}"


def _figure(value: float | None) -> str:
    return "none (nothing was raised)" if value is None else f"{value:.3f}"


def _ids(score: Score, console: Console) -> None:
    for family in score.families.values():
        for heading, ids in _lists(family):
            if ids:
                console.print(Text(f"{family.name}, {heading}: {', '.join(ids)}"), soft_wrap=True)


def _lists(family: Family) -> Iterable[tuple[str, list[str]]]:
    for kind in KINDS:
        yield f"{TITLES[kind]}, found", family.kinds[kind].found_ids
        yield f"{TITLES[kind]}, missed", family.kinds[kind].missed_ids
    yield "tolerated", family.tolerated_ids
    yield "false", [f"{pair.id} ({', '.join(pair.detections)})" for pair in family.false_pairs]
