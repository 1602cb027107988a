"""Whether an input would work: asked before it is saved."""

from __future__ import annotations

from ..aws.client import Aws
from ..settings.model import Http
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .assembly import account_of, queue_of
from .index_lookup import IndexLookup
from .outputs.hec import HecOutput
from .settings import IngestSettings


def tried(splunkd: Splunkd, config: Configuration, settings: IngestSettings, http: Http) -> str:
    """Reads the attributes of the queues, lists a key of the bucket, asks HEC and the index. Returns one line.

    No message is received: that would count as an attempt. Raises a ResponderError of the first that does not work.
    """
    aws = Aws(account_of(config, settings), http, attempts=2)
    found = []
    if settings.mode == "queue" and settings.queue is not None:
        facts = queue_of(aws, settings, settings.queue).facts()
        found.append(f"The queue can be read; about {facts.waiting:,} messages wait.")
        if settings.dead_letters is not None:
            queue_of(aws, settings, settings.dead_letters).facts()
            found.append("The dead-letter queue can be read.")
        elif not facts.dead_letters:
            found.append("There is no dead-letter queue: messages whose files cannot be read come again.")
    else:
        prefix = f"{settings.prefix}/AWSLogs/" if settings.prefix else "AWSLogs/"
        given = {"Bucket": settings.bucket, "Prefix": prefix, "MaxKeys": 1}
        listed = aws.read("s3", "list_objects_v2", settings.region, **given).get("Contents")
        found.append("The bucket can be listed." if listed else f"The bucket has nothing below {prefix} yet.")
    if settings.hec_url:
        found.append(HecOutput(settings.name, settings.hec_url, settings.hec_token, http).check())
    if settings.asks_index:
        IndexLookup(splunkd, settings, config.audit_index).check()
        found.append("The index can be searched.")
    return " ".join(found)
