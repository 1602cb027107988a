# mypy: ignore-errors
"""splunk.version: what splunkd says of itself in etc/splunk.version."""

import os


def _read():
    with open(os.path.join(os.environ["SPLUNK_HOME"], "etc", "splunk.version"), encoding="utf-8") as lines:
        return dict(line.strip().split("=", 1) for line in lines if "=" in line)


_known = _read()
__version__ = _known["VERSION"]
__build__ = _known["BUILD"]
