"""The CloudTrail input as splunkd starts it: until its settings are changed, or a back-fill is done."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from ..aws.client import Aws
from ..errors import ResponderError, Unavailable
from ..ingest.assembly import Parts, account_of, parts_of, queue_of, settings_of, walk_of
from ..ingest.backfill import Backfill
from ..ingest.backfill_progress import ProgressFile, walk_id
from ..ingest.from_queue import FromQueue
from ..ingest.settings import IngestSettings
from ..settings.reader import Configuration
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Seconds between two looks at the settings, and between two removals of claims that are over.
LOOK, REMOVE = 30.0, 3_600.0
#: Tabs that the input depends on.
TABS = ("aws_account", "general", "proxy")


def run(splunkd: Splunkd, name: str, stanza: Mapping[str, str], folder: str, stop: threading.Event) -> None:
    """Serve until ``stop``, or until the setup page was saved: splunkd starts the input again.

    ``folder``: splunkd's own for this kind of input. Raises a ResponderError.
    """
    settings = settings_of(splunkd, name, dict(stanza))
    config = Configuration(splunkd)
    aws = Aws(account_of(config, settings), config.http)
    saved = _Saved(splunkd, config)
    try:
        parts = parts_of(splunkd, config, settings, aws, folder, stop.is_set)
    except OSError as error:
        what = f"The checkpoints in {folder} cannot be opened ({error.strerror})."
        raise Unavailable(what, "Check the disk.") from error
    housekeeping = _Housekeeping(parts)

    def should_end() -> bool:
        housekeeping.look()
        return saved.is_new()

    try:
        if settings.mode == "backfill":
            file = ProgressFile(parts.folder, walk_id(settings), settings.last_day)
            walk = walk_of(aws, settings, file.read().last)
            Backfill(settings, walk, parts.files, parts.lookup, file, stop, splunkd.now).run(should_end)
        else:
            _from_queue(settings, aws, parts, stop, should_end)
    except OSError as error:
        what = f"The checkpoints in {folder} cannot be written ({error.strerror})."
        raise Unavailable(what, "Check the disk.") from error
    finally:
        parts.close()


def _from_queue(
    settings: IngestSettings, aws: Aws, parts: Parts, stop: threading.Event, should_end: Callable[[], bool]
) -> None:
    assert settings.queue is not None
    bury = queue_of(aws, settings, settings.dead_letters) if settings.dead_letters else None
    FromQueue(settings, queue_of(aws, settings, settings.queue), bury, parts.files, stop).run(should_end)


class _Saved:
    """Whether the setup page was saved since the process began."""

    def __init__(self, splunkd: Splunkd, config: Configuration) -> None:
        self._splunkd = splunkd
        self._known = config.fingerprint(*TABS)
        self._look_at = time.monotonic() + LOOK

    def is_new(self) -> bool:
        if time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + LOOK
        try:
            return Configuration(self._splunkd).fingerprint(*TABS) != self._known
        except ResponderError as error:
            if not error.transient:
                raise
            log.warning("the settings cannot be read now: %s", error)
            return False


class _Housekeeping:
    def __init__(self, parts: Parts) -> None:
        self._claims = parts.claims
        self._remove_at = time.monotonic()

    def look(self) -> None:
        if self._claims is None or time.monotonic() < self._remove_at:
            return
        self._remove_at = time.monotonic() + REMOVE
        try:
            self._claims.forget()
        except ResponderError as error:
            log.warning("claims that are over were not removed: %s", error)
