"""Log lines: key=value, one line each, to a file that Splunk indexes itself and, for actions, to standard error."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler

from .errors import one_line

FORMAT = "%(asctime)s %(levelname)s pid=%(process)d %(message)s"


class LineFormatter(logging.Formatter):
    """Every message is one line, whatever stands in it: nobody can forge a line of the log by a name of his own.

    The lines of a traceback follow, indented.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        return "\n".join("    " + one_line(line) for line in super().formatException(ei).splitlines())  # type: ignore[arg-type]


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
