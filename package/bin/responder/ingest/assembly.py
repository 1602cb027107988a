"""The parts of one CloudTrail input, put together as its stanza says."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ..aws.client import Aws
from ..errors import ConfigurationError, one_line
from ..settings.aws_account import AwsAccount
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .claims import Claims
from .files import Files
from .index_lookup import IndexLookup
from .known_ids import KnownIds
from .outputs.base import Output
from .outputs.hec import HecOutput
from .outputs.stream import StreamOutput
from .queue import Queue
from .reading import FileReader
from .seen import Seen
from .settings import SCHEME, SECRETS_OF, IngestSettings, QueueName
from .walking import Walk

log = logging.getLogger("cloudtrail_responder")

#: Bytes that an ID under way takes, about, and those that a thread that reads a file takes.
BYTES_OF_ID, BYTES_OF_THREAD = 250, 8_000_000
#: Records that a file may have however little memory there is: more than any of CloudTrail's own.
LEAST_RECORDS = 100_000
DAY = 86_400.0


def settings_of(splunkd: Splunkd, name: str, stanza: dict[str, str]) -> IngestSettings:
    """A stanza with its secrets. Raises a ResponderError."""
    secrets = splunkd.secrets_at(SECRETS_OF).get(name, {}) if stanza.get("hec_url") else {}
    return IngestSettings.from_stanza(name, stanza, secrets)


def saved_settings(splunkd: Splunkd, name: str) -> IngestSettings:
    """Of an input by its name. Raises a ResponderError."""
    stanza = splunkd.conf("inputs").get(f"{SCHEME}://{name}")
    if stanza is None:
        raise ConfigurationError(f"There is no CloudTrail input '{one_line(name)}'.", "Look at the Inputs page.")
    return settings_of(splunkd, name, stanza)


def walk_of(aws: Aws, settings: IngestSettings, last_day: date | None = None) -> Walk:
    """``last_day``: where an earlier run has decided it."""
    last = last_day or settings.last_day
    return Walk(aws, settings.region, settings.bucket, settings.prefix, settings.first_day, last)


def account_of(config: Configuration, settings: IngestSettings) -> AwsAccount:
    """The account whose rights read queue and bucket. Raises ConfigurationError."""
    entry = next((one for one in config.aws_entries() if one.name == settings.aws_account), None)
    if entry is None:
        raise ConfigurationError(
            f"There is no AWS account entry '{settings.aws_account}'.",
            "Add it on the AWS accounts tab, or correct 'AWS account' of the input.",
        )
    if entry.problem is not None:
        raise entry.problem
    if entry.accounts_from == "one":
        return entry.account(entry.template.account_id)
    if settings.queue is None:
        raise ConfigurationError(
            f"AWS account entry '{entry.name}' is for many accounts.", "Choose one for the account of the bucket."
        )
    return entry.account(settings.queue.account_id)


def queue_of(aws: Aws, settings: IngestSettings, name: QueueName) -> Queue:
    return Queue(aws, name.url, name.region or settings.region, settings.visibility)


@dataclass(frozen=True)
class Parts:
    files: Files
    output: Output
    ids: KnownIds
    claims: Claims | None
    lookup: IndexLookup | None
    #: The input's own, for what has to outlive the process.
    folder: str
    #: 32 hex digits.
    run: str

    def close(self) -> None:
        """Raises a ResponderError where splunkd has gone."""
        self.ids.close()
        self.output.close()


def parts_of(
    splunkd: Splunkd,
    config: Configuration,
    settings: IngestSettings,
    aws: Aws,
    folder: str,
    stopped: Callable[[], bool],
) -> Parts:
    """``folder``: for what has to outlive the process. Raises a ResponderError, or OSError for the folder."""
    run, file_index = uuid.uuid4().hex, config.audit_index
    lookup = IndexLookup(splunkd, settings, file_index) if settings.asks_index else None
    if lookup is not None:
        lookup.check()
    output: Output
    if settings.hec_url:
        output = HecOutput(settings.name, settings.hec_url, settings.hec_token, config.http)
    else:
        stanza = f"{SCHEME}://{settings.name}"
        arrived = (lambda since: lookup.files_of(run, since)) if lookup is not None else None
        output = StreamOutput(sys.stdout.fileno(), stanza, arrived, splunkd.now)
    own = os.path.join(folder, _folder_name(settings.name))
    seen = Seen.open(own, settings.window, settings.window_days * DAY)
    if seen.damaged:
        log.warning("input=%s %d bytes of event IDs in %s cannot be read", settings.name, seen.damaged, own)
    ids = KnownIds(seen)
    claims = Claims(splunkd, f"{settings.name}:{run}", 0.9 * settings.visibility) if settings.is_shared else None
    left = settings.memory_mb * 1_000_000 - settings.downloads * BYTES_OF_THREAD
    most_ids = max(left // BYTES_OF_ID, 10_000)
    reader = FileReader(
        settings,
        aws,
        output,
        ids,
        lookup,
        run,
        file_index,
        max(most_ids // settings.downloads, LEAST_RECORDS),
        stopped,
        splunkd.now,
        marks_at_once=lookup is None and not settings.hec_url,
    )
    # A back-fill names its bucket itself.
    buckets = settings.allowed_buckets if settings.mode == "queue" else ()
    files = Files(reader, output, ids, claims, settings.index, buckets, settings.downloads, most_ids, splunkd.now)
    return Parts(files, output, ids, claims, lookup, own, run)


def _folder_name(name: str) -> str:
    """Names may differ in case alone, which some file systems do not see."""
    return f"{name}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
