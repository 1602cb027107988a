# mypy: ignore-errors
"""splunk.appserver.mrsparkle.lib.util: where many apps look for the path below $SPLUNK_HOME."""

from splunk.clilib.bundle_paths import make_splunkhome_path  # noqa: F401
