"""Keeps the enabled modular inputs running: each instance at its interval, never twice at the same time.

A scheme with ``use_single_instance`` gets one process for all its instances, started once, and anew when one of them is
changed. Source: Splunk, "Modular inputs: set up the scheme".
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from .inputs import InputFailed, Instance, ModularInputs, next_start
from .processes import await_end

#: Seconds between two looks at the configuration.
BEAT = 0.25


@dataclass(frozen=True)
class _Job:
    """What one process is for: an instance, or all of a scheme."""

    instances: Sequence[Instance]
    interval: str


@dataclass
class _State:
    job: _Job
    last: float | None = None
    thread: threading.Thread | None = None
    process: subprocess.Popen[bytes] | None = None
    runs: int = 0
    failed: bool = field(default=False)

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class InputSchedule:
    """``start()`` runs the inputs from a thread until ``stop()``; new, changed and disabled instances are noticed."""

    def __init__(self, inputs: ModularInputs) -> None:
        self.inputs = inputs
        self._states: dict[str, _State] = {}
        self._single: dict[str, bool] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> InputSchedule:
        self._stopping.clear()
        self._single.clear()
        self._thread = threading.Thread(target=self._loop, name="sandbox-inputs", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop starting, and end what runs."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        for state in self._states.values():
            self._end(state)
            if state.thread is not None:
                state.thread.join()

    def restart(self) -> None:
        """End what runs and begin as after a start of splunkd, when there was one at all."""
        if self._thread is not None and not self._stopping.is_set():
            self.stop()
            self._states.clear()
            self.start()

    def runs(self, stanza: str) -> int:
        """How often an instance has been started; that of a scheme for all is known by the scheme's name."""
        state = self._states.get(stanza)
        return state.runs if state else 0

    def process(self, stanza: str) -> subprocess.Popen[bytes] | None:
        """The running process of an instance, so that a test can kill it."""
        state = self._states.get(stanza)
        return state.process if state and state.running else None

    def _loop(self) -> None:
        while not self._stopping.wait(BEAT):
            wanted = self._jobs()
            for name, state in list(self._states.items()):
                if name not in wanted or wanted[name] != state.job:
                    self._end(state)
                    if not state.running:
                        del self._states[name]
            for name, job in wanted.items():
                self._consider(name, self._states.setdefault(name, _State(job)))

    def _jobs(self) -> dict[str, _Job]:
        jobs: dict[str, _Job] = {}
        for instance in self.inputs.instances():
            if instance.disabled:
                continue
            if self._is_single(instance.scheme):
                others = jobs[instance.scheme].instances if instance.scheme in jobs else ()
                jobs[instance.scheme] = _Job((*others, instance), "-1")
            else:
                jobs[instance.stanza] = _Job((instance,), instance.values.get("interval", "60"))
        return jobs

    def _is_single(self, scheme: str) -> bool:
        """Asked once: a script that cannot introduce itself says so in the log, and again when it is to run."""
        if scheme not in self._single:
            try:
                self._single[scheme] = self.inputs.scheme(scheme).single_instance
            except InputFailed:
                self._single[scheme] = False
        return self._single[scheme]

    def _consider(self, name: str, state: _State) -> None:
        now = time.time()
        if state.running or state.failed:
            return
        try:
            due = next_start(state.job.interval, state.last, now)
            if state.last is None and due > now:
                # A cron line counts from when the instance was first seen.
                state.last = now
        except ValueError as error:
            state.failed = True
            self.inputs.host.log.write("ERROR", "ExecProcessor", f"{name}: {error}")
            return
        if due <= now:
            state.last, state.runs = now, state.runs + 1
            state.thread = threading.Thread(target=self._run, args=(name, state), daemon=True)
            state.thread.start()

    def _run(self, name: str, state: _State) -> None:
        def started(process: subprocess.Popen[bytes]) -> None:
            state.process = process

        try:
            self.inputs.run_once(state.job.instances, started)
        except InputFailed as error:
            self.inputs.host.log.write("ERROR", "ExecProcessor", f"{name}: {error}")
        finally:
            state.process = None

    def _end(self, state: _State) -> None:
        process = state.process
        if process is not None and process.poll() is None:
            process.terminate()
            await_end(process)
