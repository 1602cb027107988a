# mypy: ignore-errors
"""splunk.util: booleans, times, texts in URLs."""

import calendar
import urllib.parse


def normalizeBoolean(value, enableStrictMode=False, includeIntegers=True):
    """True or False for Splunk's words for them; other values come back as they are (ValueError in strict mode)."""
    spellings = {
        "true": True,
        "t": True,
        "on": True,
        "yes": True,
        "y": True,
        "false": False,
        "f": False,
        "off": False,
        "no": False,
        "n": False,
    }
    if includeIntegers:
        spellings.update({"1": True, "0": False})
    if isinstance(value, bool):
        return value
    known = spellings.get(str(value).strip().lower())
    if known is None and enableStrictMode:
        raise ValueError(f"Unable to cast value to boolean: {value}")
    return value if known is None else known


def mktimegm(tuple):
    """Seconds since the epoch of a UTC time tuple."""
    return calendar.timegm(tuple)


def toUnicode(obj, decodeFrom="utf-8"):
    """Text of bytes and of whatever else; text as it is."""
    return obj.decode(decodeFrom) if isinstance(obj, (bytes, bytearray)) else str(obj)


def toUTF8(obj):
    return toUnicode(obj).encode("utf-8")


def safeURLQuote(url, safe="/", encoding="utf-8"):
    """``urllib.parse.quote`` of any text or bytes."""
    return urllib.parse.quote(toUnicode(url, encoding), safe=safe)


def safeURLQuotePlus(url, safe="", encoding="utf-8"):
    return urllib.parse.quote_plus(toUnicode(url, encoding), safe=safe)
