"""What the demo shows in a terminal while it happens."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sandbox.demo.proof import Proof
from sandbox.demo.report import after
from sandbox.demo.stages import STAGES as AUDITED
from sandbox.demo.story import STAGES, Chapter, heading


class Screen:
    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def title(self, text: str) -> None:
        self.console.rule(f"[bold]{text}")

    def done(self, text: str) -> None:
        self.console.print(f"  [green]✓[/] {text}", soft_wrap=True)

    def progress(self, text: str) -> None:
        """A step of something long, also where no spinner turns because nobody's terminal shows it."""
        self.console.print(Text(f"    {text}", style="dim"), soft_wrap=True)
        self.console.file.flush()

    def attack(self, text: str) -> None:
        self.console.print(f"  [red]![/] {text}")

    def failure(self, text: str) -> None:
        self.console.print(Text.assemble(("  ✗ ", "red"), text), soft_wrap=True)

    def text(self, text: str) -> None:
        self.console.print(Text(f"  {text}"), soft_wrap=True)

    def repeat(self, command: str) -> None:
        """What a person may enter to see the same again."""
        self.console.print(Text(f"  $ {command}", style="bold cyan"), soft_wrap=True)

    def output(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.console.print(Text(f"    {line}", style="dim"), soft_wrap=True)

    def stages(self, rows: Sequence[Sequence[str]]) -> None:
        self.console.print(stage_table(rows))

    def timeline(self) -> Timeline:
        return Timeline(self.console)

    def proofs(self, proofs: Sequence[Proof]) -> None:
        for proof in proofs:
            mark = ("  ✓ ", "green") if proof.holds else ("  ✗ ", "bold red")
            self.console.print(Text.assemble(mark, proof.claim, ("  " + proof.seen, "dim")), soft_wrap=True)


def stage_table(rows: Sequence[Sequence[str]]) -> Table:
    """Seconds after the event at which each stage of a remediation was reached; a row for each of them."""
    # Without edges and padding, so that eight columns fit into 80 characters.
    shown = Table(
        title="Seconds after the event, by stage",
        title_style="dim",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=0,
    )
    shown.add_column("playbook", no_wrap=True)
    for stage in AUDITED:
        shown.add_column(stage, justify="right")
    for row in rows:
        shown.add_row(*row)
    return shown


class Timeline:
    """A table that fills while the app works; in a file or pipe it is printed once, at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=8)
        self._began = time.monotonic()

    def __enter__(self) -> Timeline:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        self._console.print()

    def show(self, chapters: Sequence[Chapter]) -> None:
        self._live.update(table(chapters, time.monotonic() - self._began), refresh=True)


def table(chapters: Sequence[Chapter], elapsed: float) -> Table:
    shown = Table(title=f"Seconds after the event ({elapsed:.0f} s into the response)", title_style="dim")
    shown.add_column("attack")
    for stage in STAGES:
        shown.add_column(heading(stage, chapters), justify="right")
    for chapter in chapters:
        reached = (Text(after(chapter, s), style="green" if s in chapter.times else "dim") for s in STAGES)
        shown.add_row(chapter.step.title, *reached)
        for failure in dict.fromkeys(chapter.failures):
            shown.add_row(Text(f"  {failure}", style="red"))
    return shown
