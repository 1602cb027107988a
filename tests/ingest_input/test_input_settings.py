"""What a stanza of the CloudTrail input may say."""

from __future__ import annotations

import pytest
from responder.errors import ConfigurationError
from responder.ingest.settings import IngestSettings, QueueName

QUEUE = "https://sqs.eu-central-1.amazonaws.com/111122223333/cloudtrail-logs"
GOOD = {"aws_account": "logs", "queue_url": QUEUE}
BACKFILL = {"aws_account": "logs", "mode": "backfill", "bucket": "trail-logs", "start_date": "2026-03-01"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"aws_account": ""}, "no AWS account is chosen"),
        ({"queue_url": ""}, "no queue is entered"),
        ({"queue_url": "https://evil.example/111122223333/q"}, "is not the URL of a standard SQS queue"),
        ({"queue_url": f"{QUEUE}.fifo"}, "is not the URL of a standard SQS queue"),
        ({"queue_url": "http://sqs.eu-central-1.amazonaws.com/111122223333/q"}, "is not the URL"),
        ({"dead_letter_queue": QUEUE}, "is the queue itself"),
        ({"allowed_buckets": "trail-logs, ../x"}, "not the name of a bucket"),
        ({"mode": "both"}, "not one of queue, backfill"),
        ({"region": "everywhere"}, "not a region such as"),
        ({"index": 'main" OR index="_audit'}, "not an index"),
        ({"sourcetype": 'x"'}, "not a source type"),
        ({"visibility_timeout": "1"}, "from 2 to 43200"),
        ({"batch": "11"}, "from 1 to 10"),
        ({"downloads": "0"}, "from 1 to 32"),
        ({"memory_mb": "1"}, "from 64 to 16384"),
        ({"poison_limit": "none"}, "not a whole number"),
        ({"ask_index": "perhaps"}, "neither true nor false"),
        ({"filters": "everything"}, "does not begin with an event source"),
        ({"hec_url": "http://hec.example.com:8088"}, "is not a plain https:// address"),
        ({**BACKFILL, "bucket": ""}, "no bucket is entered"),
        ({**BACKFILL, "bucket": "../x"}, "not the name of a bucket"),
        ({**BACKFILL, "start_date": "yesterday"}, "not a day such as"),
        ({**BACKFILL, "end_date": "2026-02-01"}, "is before the first day"),
        ({**BACKFILL, "start_date": "1999-01-01", "end_date": "2026-01-01"}, "more than ten years"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_that_names_the_field(fields: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        IngestSettings.from_stanza("trail", {**GOOD, **fields})
    assert said in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["1st", "a b", "x" * 51, "../x", ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name"):
        IngestSettings.from_stanza(name, GOOD)


def test_a_stanza_with_a_queue_alone_has_the_defaults_of_the_page() -> None:
    found = IngestSettings.from_stanza("trail", GOOD)
    assert (found.mode, found.region, found.index, found.sourcetype) == (
        "queue", "eu-central-1", "main", "aws:cloudtrail",
    )  # fmt: skip
    assert (found.visibility, found.batch, found.downloads, found.poison_limit) == (300, 10, 4, 5)
    assert found.asks_index and found.is_shared and not found.hec_url


def test_a_token_is_asked_for_with_its_url_and_never_shown() -> None:
    with pytest.raises(ConfigurationError, match="no HEC token"):
        IngestSettings.from_stanza("trail", {**GOOD, "hec_url": "https://hec.example.com:8088"}, {})
    fields = {**GOOD, "hec_url": "https://hec.example.com:8088"}
    found = IngestSettings.from_stanza("trail", fields, {"hec_token": "11111111-2222"})
    assert "11111111" not in repr(found)


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (QUEUE, "eu-central-1"),
        ("https://eu-west-1.queue.amazonaws.com/111122223333/q", "eu-west-1"),
        ("https://vpce-0a1.sqs.us-east-1.vpce.amazonaws.com/111122223333/q", "us-east-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q", "cn-north-1"),
    ],
)
def test_the_region_of_a_queue_is_in_its_url(url: str, region: str) -> None:
    found = QueueName.parse(url)
    assert found is not None and (found.region, found.account_id) == (region, "111122223333")
