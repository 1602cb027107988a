"""Names of a pipeline's resources: what AWS takes, checked before anything is asked of it."""

from __future__ import annotations

import ipaddress
import re

from ..errors import Rejected, one_line

#: Resources that have a name of their own choice, and what they are called where nothing else is chosen.
NAMED = {
    "key": "alias/{stem}",
    "bucket": "{stem}-{account}-{region}",
    "topic": "{stem}",
    "dead_letter_queue": "{stem}-dead-letter",
    "queue": "{stem}",
    "rule": "{stem}",
    "trail": "{stem}",
    "role": "{stem}-reader-{region}",
}
#: Longest name of a region there is room for, and of an account.
_ACCOUNT, _REGION = 12, 15
#: Source: Amazon S3 User Guide, "General purpose bucket naming rules".
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_STEM = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: Characters of a stem, so that every name made of it is one that AWS takes: the bucket's is the longest.
LONGEST_STEM = 63 - _ACCOUNT - _REGION - 2
_FORMS = {
    "key": (re.compile(r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}"), "alias/ and letters, digits, / _ -; not alias/aws/"),
    "topic": (re.compile(r"[A-Za-z0-9_-]{1,256}"), "letters, digits, _ -; not a FIFO topic: S3 cannot publish to one"),
    "queue": (re.compile(r"[A-Za-z0-9_-]{1,80}"), "letters, digits, _ -; not a FIFO queue: S3 cannot notify one"),
    "rule": (re.compile(r"[A-Za-z0-9._-]{1,64}"), "letters, digits, . _ -"),
    "role": (re.compile(r"[\w+=,.@-]{1,64}", re.ASCII), "letters, digits and _+=,.@-"),
    # CloudTrail User Guide, "Naming requirements": neighbors of . _ - are letters or digits.
    "trail": (re.compile(r"(?=.{3,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*"), "3 to 128 letters, digits, single . _ -"),
}
_FORMS["dead_letter_queue"] = _FORMS["queue"]


def check_stem(text: str) -> None:
    """Raises Rejected."""
    if not _STEM.fullmatch(text) or not 3 <= len(text) <= LONGEST_STEM:
        raise Rejected(
            f"The name '{one_line(text)[:60]}' cannot begin the names of a bucket and a trail.",
            f"Use 3 to {LONGEST_STEM} lower-case letters, digits and single hyphens, a letter first.",
        )


def check_name(key: str, text: str) -> None:
    """The name of one resource (``NAMED``). Raises Rejected."""
    if key == "bucket":
        fits = bool(_BUCKET.fullmatch(text)) and ".." not in text and not _is_address(text)
        fits = fits and not text.startswith(_BUCKET_PREFIXES) and not text.endswith(_BUCKET_SUFFIXES)
        form = "3 to 63 lower-case letters, digits, . and -, and none that S3 reserves"
    else:
        pattern, form = _FORMS[key]
        fits = bool(pattern.fullmatch(text)) and not (key == "trail" and _is_address(text))
    if not fits:
        raise Rejected(f"'{one_line(text)[:80]}' is no name of a {key.replace('_', '-')}.", f"Use {form}.")


def check_prefix(text: str) -> None:
    """Of the keys of a trail's files (CloudTrail API Reference, ``S3KeyPrefix``). Raises Rejected."""
    if len(text) > 200 or not re.fullmatch(r"[A-Za-z0-9!_.*'()/-]*", text) or "//" in text:
        raise Rejected(
            f"key_prefix '{one_line(text)[:60]}' is no prefix.", "Use at most 200 letters, digits and !_.*'()-/."
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
