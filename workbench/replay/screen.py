"""The detections over somebody's own log files: progress and a summary in the terminal, and the HTML report."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from spl import Event
from workbench.detections.model import Detection

from . import report as page
from .cases import Case, cases_of
from .records import UnreadableRecords, as_event, files_of, read
from .shipped import ShippedSearches

COLORS = {"critical": "bold magenta", "high": "red", "medium": "yellow", "low": "blue", "informational": "dim"}
FILE = "detect.html"


def report(paths: Sequence[Path], searches: ShippedSearches, only: Sequence[str], folder: Path) -> int:
    """Search, show, write ``detect.html`` into the folder. 0 whatever was found; raises UnreadableRecords."""
    console = Console(highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    files = files_of(paths)
    with Progress(*columns, console=Console(stderr=True)) as progress:
        events, seen = _gather(files, set(paths), progress)
        findings = _search(events, searches, only, progress)
    cases = cases_of(findings)
    ran = {name: searches.detections[name] for name in only or searches.detections}
    read = f"{counted(seen.records, 'record')} in {counted(seen.files, 'file')}"
    when = f"{page.when(seen.first_time)} to {page.when(seen.last_time)} UTC"
    console.print(f"{read}, {when}, {counted(len(seen.accounts), 'account')}.")
    for reason in seen.skipped[:5]:
        console.print(Text(f"Left out: {reason}", style="yellow"), soft_wrap=True)
    if len(seen.skipped) > 5:
        console.print(f"[yellow]Left out: {len(seen.skipped) - 5} more files; the report lists them.")
    if cases:
        console.print(_summary(cases, ran))
    console.print(f"{len(cases)} cases of {len({case.search for case in cases})} detections; {len(ran)} were run.")
    path = folder / FILE
    page.write(path, seen, cases, ran)
    console.print(f"[green]✓[/] Report: {escape(str(path))}", soft_wrap=True)
    return 0


def _gather(files: Sequence[Path], named: set[Path], progress: Progress) -> tuple[list[Event], page.Searched]:
    bar = progress.add_task("Reading files", total=len(files))
    events: list[Event] = []
    skipped: list[str] = []
    accounts: dict[str, None] = {}
    regions: dict[str, None] = {}
    used = 0
    for file in files:
        try:
            records = list(read([file]))
        except UnreadableRecords as error:
            # A bucket holds other files too; a file that was named must be a log file.
            if file in named:
                raise
            skipped.append(str(error))
            records = []
        used += bool(records)
        events += [as_event(record) for record in records]
        accounts.update(dict.fromkeys(_values(records, "recipientAccountId")))
        regions.update(dict.fromkeys(_values(records, "awsRegion")))
        progress.advance(bar)
    if not events:
        raise UnreadableRecords(f"No CloudTrail records in {len(files)} files." + (f" {skipped[0]}" if skipped else ""))
    times = [event.time for event in events]
    seen = page.Searched(
        used, len(events), min(times), max(times), tuple(sorted(accounts)), tuple(sorted(regions)), tuple(skipped)
    )
    return events, seen


def _values(records: Iterable[Mapping[str, Any]], key: str) -> Iterable[str]:
    return (str(record[key]) for record in records if record.get(key))


def _search(
    events: list[Event], searches: ShippedSearches, only: Sequence[str], progress: Progress
) -> list[dict[str, Any]]:
    times = sorted(event.indextime for event in events)
    prepared = progress.add_task("Preparing searches", total=len(only or searches.detections))
    bar = progress.add_task("Searching records", total=len(times))
    done = 0

    def on_run(at: float) -> None:
        nonlocal done
        reached = bisect_right(times, at)
        if reached - done >= len(times) / 200:
            progress.update(bar, completed=reached)
            done = reached

    ran = searches.replay(events, only, on_run, lambda name: progress.advance(prepared))
    found = [finding for _, finding in ran]
    progress.update(bar, completed=len(times))
    return found


def _summary(cases: Sequence[Case], detections: Mapping[str, Detection]) -> Table:
    table = Table()
    for name, justify in (("severity", "left"), ("detection", "left"), ("cases", "right"), ("events", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("most severe or latest finding")
    for name in dict.fromkeys(case.search for case in cases):
        own = [case for case in cases if case.search == name]
        table.add_row(
            Text(own[0].severity, style=COLORS.get(own[0].severity, "")),
            Text(detections[name].title),
            f"{len(own):,}",
            f"{sum(case.event_count for case in own):,}",
            Text(printable(str(own[0].finding["reason"]))),
        )
    return table


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def printable(text: str) -> str:
    """Text without what a terminal would obey: names in a log are chosen by whoever attacks."""
    return "".join(character if character.isprintable() else "?" for character in text)
