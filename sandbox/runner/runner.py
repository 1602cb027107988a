"""Everything that splunkd starts, tied to one Splunkd."""

from __future__ import annotations

from pathlib import Path

from sandbox.splunkd.instance import Instance

from .alerts import AlertActions
from .commands import SearchCommands
from .handlers import AppHandlers
from .host import Host
from .input_schedule import InputSchedule
from .inputs import ModularInputs
from .scheduler import Scheduler


class Runner:
    """``Runner(splunkd, python="3.9")`` gives a Splunkd its handlers and search commands at once.

    ``start()`` adds scheduler and inputs.

    ``python`` is the newest version that the emulated Splunk has; what an app gets, its .conf files decide
    (``interpreters.choose``). ``platform_libs``: see ``Host``.
    """

    def __init__(
        self,
        splunkd: Instance,
        python: str = "3.13",
        web_url: str = "http://127.0.0.1:8000",
        platform_libs: Path | None = None,
    ) -> None:
        self.host = Host(splunkd, python, web_url, platform_libs)
        self.handlers = AppHandlers(self.host)
        self.alerts = AlertActions(self.host)
        self.scheduler = Scheduler(self.host, self.alerts)
        self.inputs = ModularInputs(self.host)
        self.input_schedule = InputSchedule(self.inputs)
        self.commands = SearchCommands(self.host)
        splunkd.handlers = self.handlers
        splunkd.commands = self.commands
        splunkd.send_alert = self.alerts.send
        splunkd.trigger_actions = self.scheduler.trigger_actions
        splunkd.on_restart += [self.handlers.stop, self.input_schedule.restart]

    def start(self, scheduler: bool = True, inputs: bool = True) -> Runner:
        """Run searches by the clock and inputs at their intervals, until ``stop()``."""
        if scheduler:
            self.scheduler.start()
        if inputs:
            self.input_schedule.start()
        return self

    def stop(self) -> None:
        """Stop both, and end every process."""
        self.scheduler.stop()
        self.input_schedule.stop()
        self.handlers.stop()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
