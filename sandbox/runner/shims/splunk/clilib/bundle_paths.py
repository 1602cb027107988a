# mypy: ignore-errors
"""splunk.clilib.bundle_paths: paths below $SPLUNK_HOME."""

import os


def make_splunkhome_path(parts):
    """$SPLUNK_HOME joined with ``parts``; ValueError when that would leave it."""
    home = os.path.normpath(os.environ["SPLUNK_HOME"])
    path = os.path.normpath(os.path.join(home, *parts))
    if os.path.commonprefix([home + os.sep, path + os.sep]) != home + os.sep:
        raise ValueError(f"{parts!r} is outside SPLUNK_HOME")
    return path


def get_base_path():
    return make_splunkhome_path(["etc", "apps"])
