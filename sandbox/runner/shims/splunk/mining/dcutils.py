# mypy: ignore-errors
"""splunk.mining.dcutils: the logger of many search commands; it writes to python.log."""

import logging
import os


def getLogger():
    logger = logging.getLogger("dcutils")
    if not logger.handlers:
        path = os.path.join(os.environ["SPLUNK_HOME"], "var", "log", "splunk", "python.log")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s\t%(name)s:%(lineno)d - %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return logger
