"""Log lines: key=value, one line each, to a file that Splunk indexes itself and, for actions, to standard error."""

from __future__ import annotations

import logging
import os
import re
import sys
from logging.handlers import RotatingFileHandler

from .errors import one_line
from .log_values import quoted

FORMAT = "%(asctime)s %(levelname)s pid=%(process)d %(message)s"


#: A place of a message's template that an argument takes.
_PLACE = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?[a-zA-Z])")
_KEY_BEFORE = re.compile(r"\w=$")


class LineFormatter(logging.Formatter):
    """Every message is one line with the fields of its template, whatever stands in the arguments.

    So nobody can forge a line or a field by a name of his own: an argument behind ``key=`` is that key's value, and
    any other text becomes the value of ``reason``. The lines of a traceback follow, indented.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(_message(record.msg, record.args))
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        return "\n".join(f"    traceback={quoted(line, always=True)}" for line in lines)


def _message(template: object, arguments: object) -> str:
    if not isinstance(template, str):
        return f"reason={quoted(template, always=True)}"
    if not arguments:
        return template
    if not isinstance(arguments, tuple):
        return f"reason={quoted(template % arguments, always=True)}"
    parts, end, left = list[str](), 0, iter(arguments)
    for place in _PLACE.finditer(template):
        parts.append(template[end : place.start()])
        end = place.end()
        parts.append(_value(template, place, next(left)) if place.group() != "%%" else "%")
    return "".join([*parts, template[end:]])


def _value(template: str, place: re.Match[str], argument: object) -> str:
    text = place.group() % (argument,)
    if isinstance(argument, (int, float)):
        return text
    if _KEY_BEFORE.search(template, 0, place.start()):
        # What follows at once, as a colon does, would be read as a part of it.
        is_followed = template[place.end() : place.end() + 1].strip() != ""
        return quoted(text, always=is_followed)
    return f"reason={quoted(text, always=True)}"


def to_file(name: str, level: str = "INFO") -> logging.Logger:
    """Log to ``$SPLUNK_HOME/var/log/splunk/<name>.log`` (index ``_internal``), else to standard error."""
    logger = logging.getLogger("cloudtrail_responder")
    if logger.handlers:
        return logger
    folder = os.path.join(os.environ.get("SPLUNK_HOME", ""), "var", "log", "splunk")
    handler: logging.Handler
    if os.path.isdir(folder):
        handler = RotatingFileHandler(
            os.path.join(folder, f"{name}.log"), maxBytes=10_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(FORMAT))
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    return logger
