"""The detections over somebody's own log files: progress and a summary in the terminal, and the HTML report."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from spl import Event
from workbench.detections.model import Detection

from . import outlook
from . import report as page
from .cases import Case, cases_of
from .logs import gather
from .outlook import Actor, Advice, Tickets
from .shipped import ShippedSearches

COLORS = {"critical": "bold magenta", "high": "red", "medium": "yellow", "low": "blue", "informational": "dim"}
FILE = "detect.html"
#: What the terminal shows; the report has all: actors, those whose story is told, its steps, days.
ACTORS, TOLD, STEPS, DAYS = 10, 3, 8, 14


def report(paths: Sequence[Path], searches: ShippedSearches, only: Sequence[str], folder: Path) -> list[Case]:
    """Search, show, write ``detect.html`` into the folder; the cases that were found. Raises UnreadableRecords."""
    console = Console(highlight=False)
    cases, seen, ran = found(paths, searches, only)
    read = f"{counted(seen.records, 'record')} in {counted(seen.files, 'file')}"
    when = f"{page.when(seen.first_time)} to {page.when(seen.last_time)} UTC"
    console.print(f"{read}, {when}, {counted(len(seen.accounts), 'account')}.")
    for reason in seen.skipped[:5]:
        console.print(Text(f"Left out: {reason}", style="yellow"), soft_wrap=True)
    if len(seen.skipped) > 5:
        console.print(f"[yellow]Left out: {len(seen.skipped) - 5} more files; the report lists them.")
    said = outlook.tickets(cases, seen.first_time, seen.last_time)
    advised = outlook.advice(cases, ran, said.days)
    people = outlook.actors(cases)
    if cases:
        console.print(_summary(cases, ran, said))
        console.print(_by_actor(people))
        for actor in people[:TOLD]:
            console.print(_story(actor, ran), soft_wrap=True)
        console.print(_by_day(said))
    that_found = counted(len({case.search for case in cases}), "detection")
    console.print(f"{counted(len(cases), 'case')} of {that_found}; {len(ran)} were run.")
    for line in _told(said, advised):
        console.print(line)
    path = folder / FILE
    page.write(path, seen, cases, ran, page.Outlook(said, people, advised))
    console.print(f"[green]✓[/] Report: {escape(str(path))}", soft_wrap=True)
    return cases


def found(
    paths: Sequence[Path], searches: ShippedSearches, only: Sequence[str]
) -> tuple[list[Case], page.Searched, dict[str, Detection]]:
    """Cases, what was searched, and the detections that ran by their schedules. Raises UnreadableRecords."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        read = progress.add_task("Reading files", total=None)
        logs = gather(paths, lambda total: progress.update(read, total=total, advance=1))
        chosen = list(only) or searches.reading(logs.sources)
        findings = _search(logs.events, searches, chosen, progress)
    times = [event.time for event in logs.events]
    seen = page.Searched(
        logs.files, len(times), min(times), max(times), tuple(sorted(logs.accounts)), tuple(sorted(logs.regions)),
        tuple(logs.skipped),
    )  # fmt: skip
    return cases_of(findings), seen, {name: searches.detections[name] for name in chosen}


def _search(
    events: Sequence[Event], searches: ShippedSearches, chosen: Sequence[str], progress: Progress
) -> list[dict[str, Any]]:
    times = sorted(event.indextime for event in events)
    prepared = progress.add_task("Preparing searches", total=len(chosen))
    bar = progress.add_task("Searching records", total=len(times))
    done = 0

    def on_run(at: float) -> None:
        nonlocal done
        reached = bisect_right(times, at)
        if reached - done >= len(times) / 200:
            progress.update(bar, completed=reached)
            done = reached

    ran = searches.replay(events, chosen, on_run, lambda name: progress.advance(prepared))
    found = [finding for _, finding in ran]
    progress.update(bar, completed=len(times))
    return found


def _summary(cases: Sequence[Case], detections: Mapping[str, Detection], said: Tickets) -> Table:
    """A row a detection, and what its gravest or latest finding was below its name."""
    table = _table("By detection", ("severity", "left"), ("detection", "left"), ("cases", "right"), ("a week", "right"))
    for name in dict.fromkeys(case.search for case in cases):
        own = [case for case in cases if case.search == name]
        what = Text(detections[name].title)
        what.append(f"\n{printable(str(own[0].finding['reason']))}", style="dim")
        table.add_row(_severity(own[0].severity), what, f"{len(own):,}", f"{len(own) * 7 / said.days:,.1f}")
    return table


def _by_actor(people: Sequence[Actor]) -> Table:
    columns = (("severity", "left"), ("actor", "left"), ("cases", "right"), ("first (UTC)", "left"), ("last", "left"))
    table = _table("By actor", *columns)
    for one in people[:ACTORS]:
        who = Text(printable(one.name))
        who.append(f"\n{printable(one.account)}", style="dim")
        first, last = (page.when(at)[:16] for at in (one.first_time, one.last_time))
        table.add_row(_severity(one.severity), who, f"{len(one.cases):,}", first, last)
    if len(people) > ACTORS:
        table.add_row("", f"and {len(people) - ACTORS} more, in the report", "", "", "")
    return table


def _story(actor: Actor, detections: Mapping[str, Detection]) -> Text:
    """What an actor did, in order."""
    text = Text(f"{printable(actor.name)}, in order:", style="bold")
    for case in actor.cases[:STEPS]:
        text.append(f"\n  {page.when(case.first_time)[:16]}  ", style="")
        text.append(f"{case.severity:<8} ", style=COLORS.get(case.severity, ""))
        text.append(detections[case.search].title, style="not bold")
    if len(actor.cases) > STEPS:
        text.append(f"\n  and {len(actor.cases) - STEPS} more, in the report", style="dim not bold")
    return text


def _by_day(said: Tickets) -> Text:
    """A bar a day with cases, the newest days."""
    text = Text("New cases by day (UTC):", style="bold")
    most = said.most[1]
    for day, number in list(said.by_day.items())[-DAYS:]:
        text.append(f"\n  {day} {'█' * max(1, round(number * 40 / most))} {number}", style="not bold")
    return text


def _told(said: Tickets, advised: Sequence[Advice]) -> Iterator[str]:
    """What to expect, and what to begin with."""
    day, most = said.most
    if said.total:
        low = said.by_severity.get("low", 0) + said.by_severity.get("informational", 0)
        grave = (said.total - low) / said.days
        yield (
            f"With all of them on: [bold]{said.a_day:.1f} tickets a day[/] (most: {most} on {day}); "
            f"{grave:.1f} without those of low severity."
        )
    first = [one for one in advised if one.when == "first"]
    tune = [one for one in advised if one.when == "tune"]
    hit = [one for one in first if one.cases]
    yield f"[bold]Switch on first[/]: {len(first)} that are severe and have at most one case a week here."
    for one in hit[:STEPS]:
        yield f"  {escape(one.detection.title)} ({counted(one.cases, 'case')})"
    if tune:
        yield f"[bold]Tune first[/] (docs/noise.md): {counted(len(tune), 'detection')} with over 7 cases a week."
        for one in tune[:STEPS]:
            yield f"  {escape(one.detection.title)} ({one.a_week:.0f} a week)"


def _table(title: str, *columns: tuple[str, str]) -> Table:
    """Made for 80 columns: lines only where they are needed."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in columns:
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table


def _severity(severity: str) -> Text:
    return Text(severity, style=COLORS.get(severity, ""))


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def printable(text: str) -> str:
    """Text without what a terminal would obey: names in a log are chosen by whoever attacks."""
    return "".join(character if character.isprintable() else "?" for character in text)
