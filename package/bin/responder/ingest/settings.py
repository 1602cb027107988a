"""What a stanza of the CloudTrail input says. Only administrators write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from ..errors import ConfigurationError
from ..settings.aws_account import REGION
from ..settings.parsing import LOOPBACK, StanzaReader
from ..settings.secret import Secret
from . import filters

#: The kind of input.
SCHEME: str = "responder_cloudtrail"
TAB = "Inputs"
MODES = ("queue", "backfill")
#: Where the encrypted fields of this kind of input are (splunktaucclib, ``DataInputModel``).
SECRETS_OF = f"data/inputs/{SCHEME}"
#: Fields of the page beside those that every input has.
ARGUMENTS = (
    "aws_account", "region", "mode", "queue_url", "dead_letter_queue", "allowed_buckets", "bucket",
    "prefix", "start_date", "end_date", "filters", "visibility_timeout", "batch", "downloads", "memory_mb",
    "dedup_window", "dedup_days", "poison_limit", "ask_index", "shared", "hec_url", "hec_token", "save_untested",
)  # fmt: skip
SOURCETYPE, FILE_SOURCETYPE = "aws:cloudtrail", "cloudtrail_responder:ingest"
_INDEX = r"[a-z0-9][a-z0-9_-]{0,79}"
_SOURCETYPE = r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,99}"
#: Source: S3 user guide, "Bucket naming rules".
BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_QUEUE_PATH = r"/([0-9]{12})/([A-Za-z0-9_-]{1,80})"
#: Source: SQS developer guide, "Queue and message identifiers"; endpoints of a VPC have names of their own.
_QUEUE_HOST = r"(?:[a-z0-9-]+\.)*(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?"
#: Days that one back-fill may cover at most.
MOST_DAYS = 3_660


@dataclass(frozen=True)
class QueueName:
    """A queue by its URL."""

    url: str
    #: 12 digits.
    account_id: str
    name: str
    #: Empty where the URL does not say it.
    region: str

    @classmethod
    def parse(cls, url: str) -> QueueName | None:
        """None for what is no URL of a standard queue of SQS, or of one on this very host."""
        found = re.fullmatch(rf"https://{_QUEUE_HOST}{_QUEUE_PATH}", url)
        if found:
            return cls(url, found[3], found[4], found[1] or found[2])
        hosts = "|".join(re.escape(host) for host in LOOPBACK)
        found = re.fullmatch(rf"https?://(?:{hosts})(?::[0-9]{{1,5}})?{_QUEUE_PATH}", url)
        return cls(url, found[1], found[2], "") if found else None


@dataclass(frozen=True)
class IngestSettings:
    """A stanza ``[responder_cloudtrail://<name>]``, checked."""

    name: str
    #: Name of an entry of the AWS accounts tab.
    aws_account: str
    #: ``queue`` or ``backfill``.
    mode: str = "queue"
    region: str = ""
    queue: QueueName | None = None
    dead_letters: QueueName | None = None
    #: Buckets whose files messages may name; empty: any that the account may read.
    allowed_buckets: tuple[str, ...] = ()
    #: Of a back-fill.
    bucket: str = ""
    prefix: str = ""
    first_day: date = date(2000, 1, 1)
    last_day: date = date(2000, 1, 1)
    #: Whether the last day is that on which the back-fill begins.
    is_until_today: bool = False
    index: str = "main"
    sourcetype: str = SOURCETYPE
    host: str = ""
    #: Seconds, of a message that is being worked on; it is extended for as long as the work takes.
    visibility: int = 300
    #: Messages of one request.
    batch: int = 10
    #: Objects that are read at the same time.
    downloads: int = 4
    memory_mb: int = 256
    #: Rules of ``filters``, as they were entered.
    rules: str = ""
    #: Event IDs that are remembered, and for how many days.
    window: int = 5_000_000
    window_days: int = 14
    #: After how many receives a message whose object cannot be read goes to the dead letters.
    poison_limit: int = 5
    #: Whether the index can be asked from here.
    asks_index: bool = True
    #: Whether other inputs read the same files.
    is_shared: bool = True
    hec_url: str = ""
    hec_token: Secret = Secret("")

    @classmethod
    def from_stanza(
        cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str] | None = None
    ) -> IngestSettings:
        """Raises ConfigurationError naming the field."""
        read = StanzaReader(stanza, f"CloudTrail input '{name}'", TAB)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,49}", name):
            raise ConfigurationError(
                f"'{name[:50]}' is no name for a CloudTrail input.", "Use letters, digits, hyphens and underscores."
            )
        if not read.text("aws_account"):
            what = f"{read.where}: no AWS account is chosen."
            raise ConfigurationError(what, "Enter 'AWS account' on the Inputs page.")
        mode = read.choice("mode", "Read from", MODES, "queue")
        queue = _queue(read, "queue_url", "Queue URL")
        if mode == "queue" and queue is None:
            raise ConfigurationError(f"{read.where}: no queue is entered.", "Enter 'Queue URL' on the Inputs page.")
        dead_letters = _queue(read, "dead_letter_queue", "Dead-letter queue")
        if queue and dead_letters and queue.url == dead_letters.url:
            raise read.wrong("Dead-letter queue", "is the queue itself")
        region = _matching(read, "region", "Region", REGION, "a region such as eu-central-1")
        first, last = _days(read) if mode == "backfill" else (cls.first_day, cls.last_day)
        hec_url = read.url("hec_url", "HEC URL")
        token = (secrets or {}).get("hec_token", "")
        if hec_url and secrets is not None and not token:
            raise ConfigurationError(f"{read.where}: no HEC token is saved.", "Enter 'HEC token' on the Inputs page.")
        index = read.text("index", "main")
        return cls(
            name=name,
            aws_account=read.text("aws_account"),
            mode=mode,
            region=region or (queue.region if queue else ""),
            queue=queue,
            dead_letters=dead_letters,
            allowed_buckets=read.items("allowed_buckets", "Allowed buckets", BUCKET, "the name of a bucket"),
            bucket=_bucket(read) if mode == "backfill" else "",
            prefix=read.text("prefix").strip("/"),
            first_day=first,
            last_day=last,
            is_until_today=not read.text("end_date"),
            index="main" if index == "default" else _matching(read, "index", "Index", _INDEX, "an index", "main"),
            sourcetype=_matching(read, "sourcetype", "Source type", _SOURCETYPE, "a source type", SOURCETYPE),
            host=read.text("host").replace("$decideOnStartup", ""),
            visibility=read.number("visibility_timeout", "Visibility timeout", 300, 2, 43_200),
            batch=read.number("batch", "Messages in a batch", 10, 1, 10),
            downloads=read.number("downloads", "Parallel downloads", 4, 1, 32),
            memory_mb=read.number("memory_mb", "Memory, MB", 256, 64, 16_384),
            rules=_rules(read),
            window=read.number("dedup_window", "Deduplication window", 5_000_000, 10_000, 50_000_000),
            window_days=read.number("dedup_days", "Deduplication, days", 14, 1, 365),
            poison_limit=read.number("poison_limit", "Attempts for a file", 5, 1, 1_000),
            asks_index=read.flag("ask_index", "Ask the index", default=True),
            is_shared=read.flag("shared", "Claim files", default=True),
            hec_url=hec_url,
            hec_token=Secret(token if hec_url else ""),
        )


def _queue(read: StanzaReader, field: str, label: str) -> QueueName | None:
    url = read.text(field)
    if not url:
        return None
    found = QueueName.parse(url)
    if found is None:
        raise read.wrong(label, f"'{url[:80]}' is not the URL of a standard SQS queue")
    return found


def _matching(read: StanzaReader, field: str, label: str, pattern: str, form: str, default: str = "") -> str:
    text = read.text(field, default)
    if text and not re.fullmatch(pattern, text):
        raise read.wrong(label, f"is '{text[:60]}', not {form}")
    return text


def _bucket(read: StanzaReader) -> str:
    if not read.text("bucket"):
        raise ConfigurationError(f"{read.where}: no bucket is entered.", "Enter 'Bucket' on the Inputs page.")
    return _matching(read, "bucket", "Bucket", BUCKET, "the name of a bucket")


def _days(read: StanzaReader) -> tuple[date, date]:
    """First and last day (UTC) of a back-fill, both included."""
    today = datetime.now(timezone.utc).date()
    found = []
    for field, label, default in (("start_date", "First day", ""), ("end_date", "Last day", today.isoformat())):
        text = read.text(field, default)
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            raise read.wrong(label, f"is '{text[:60]}', not a day such as 2026-03-31") from None
    first, last = found
    if last < first:
        raise read.wrong("Last day", "is before the first day")
    if last - first > timedelta(days=MOST_DAYS):
        raise read.wrong("First day", "is more than ten years before the last day")
    return first, last


def _rules(read: StanzaReader) -> str:
    text = read.text("filters")
    try:
        filters.parse(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{read.where}: {error.message}", error.hint) from None
    return text
