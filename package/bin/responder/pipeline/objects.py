"""Objects of S3, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..aws.answer import Answer
from ..aws.client import Aws
from ..errors import Unavailable

#: Where an object does not exist (any more).
ABSENT = ("NoSuchKey", "NoSuchVersion", "404")
_BLOCK = 64 * 1024


def opened(aws: Aws, bucket: str, key: str, version: str = "") -> Answer | None:
    """S3's answer, whose body is still to be read (``blocks``); None where there is no such object.

    Without ``s3:ListBucket`` S3 answers that it is forbidden to read what does not exist. Raises a ResponderError.
    """
    parameters = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
    return aws.read_if(ABSENT, "s3", "get_object", **parameters)


def blocks(answer: Answer, where: str) -> Iterator[bytes]:
    """The stored bytes. Raises Unavailable where the connection breaks; ``where`` names the object."""
    from botocore.exceptions import BotoCoreError

    body: Any = answer["Body"]
    try:
        yield from body.iter_chunks(_BLOCK)
    except (BotoCoreError, OSError) as error:
        raise Unavailable(
            f"The connection to S3 broke while {where} was read ({type(error).__name__}).", "Run it again."
        ) from error
    finally:
        body.close()
