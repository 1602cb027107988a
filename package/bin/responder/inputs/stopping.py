"""When a process that splunkd has started for long is to end."""

from __future__ import annotations

import logging
import os
import signal
import threading

log = logging.getLogger("cloudtrail_responder")


def stopping() -> threading.Event:
    """Set when splunkd wants this process to end, or is gone itself."""
    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    parent = os.getppid()

    def watch() -> None:
        while not stop.wait(1.0):
            if os.getppid() != parent:
                log.warning("splunkd has ended without a word")
                stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
    return stop
