"""What ``backtest`` does; its options are in ``backtest.py``, which any Python can show."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from spl import SplError
from workbench.backtest import report
from workbench.backtest.days import Days
from workbench.backtest.product import Plans, bills
from workbench.backtest.run import backtest
from workbench.cli import _lists
from workbench.detections.model import InvalidDetection
from workbench.replay import ShippedSearches, UnreadableRecords, files_of
from workbench.replay.screen import counted, printable

FILE = "backtest.html"


def run(args: argparse.Namespace) -> int:
    try:
        searches = ShippedSearches(lookups=_lists.lookups(args))
        unknown = [name for name in args.search if name not in searches.detections]
        if unknown:
            print(f"There is no detection {', '.join(unknown)}.", file=sys.stderr)
            return 2
        with tempfile.TemporaryDirectory(prefix="backtest-") as folder:
            return _run(args, searches, Path(folder))
    except (UnreadableRecords, InvalidDetection, SplError) as error:
        print(error, file=sys.stderr)
        return 2


def _run(args: argparse.Namespace, searches: ShippedSearches, folder: Path) -> int:
    console, days = Console(highlight=False), Days(folder)
    with Progress(console=Console(stderr=True), disable=args.json) as progress:
        days.fill(files_of(args.paths), set(args.paths))
        bar = progress.add_task("Searching days", total=sum(len(chunk) for chunk in days.chunks(1)))
        plans = backtest(days, searches, args.search, lambda done: progress.advance(bar, done))
    path = args.report_to / FILE
    report.write(path, days, plans, searches.detections)
    if args.json:
        for row in bills.rows(plans.made):
            print(json.dumps(row, ensure_ascii=False))
        return 0
    _show(console, days, plans)
    console.print(f"[green]✓[/] Report: {escape(str(path))}", soft_wrap=True)
    return 0


def _show(console: Console, days: Days, plans: Plans) -> None:
    bill = bills.bill(plans.made)
    read = f"{counted(days.records, 'record')} in {counted(days.files, 'file')}"
    when = f"{bills.when(days.first_time)} to {bills.when(days.last_time)} UTC"
    console.print(f"{read}, {when}, {counted(len(days.accounts), 'account')}.")
    for reason in days.skipped[:5]:
        console.print(Text(f"Left out: {printable(reason)}", style="yellow"), soft_wrap=True)
    table = Table(
        title="Changes that would have been made, and what people did about it within a day",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("playbook", overflow="fold")
    for name in ("changes", "again", "put right", "untouched", "not known"):
        table.add_column(name, justify="right")
    for line in (*bill.playbooks, bill.total):
        table.add_row(Text(printable(line.name)), *(f"{count:,}" for count in (line.changes, *line.fates.values())))
    console.print(table)
    whom = ", ".join(f"{printable(line.name)} ({line.changes:,})" for line in bill.users[:5])
    console.print(Text(f"On whom: {whom or 'nobody'}. The most within an hour: {bill.busiest}."), soft_wrap=True)
    if plans.left_out:
        console.print(Text(f"And {plans.left_out:,} more changes, too many to be looked into.", style="yellow"))
