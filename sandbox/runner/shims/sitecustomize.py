# mypy: ignore-errors
"""Loaded by the interpreter at its start: leaves an app with the standard library, these shims and what it brings.

Splunk's own Python has none of the packages that a developer once installed into the interpreter at hand.
"""

import sys

sys.path[:] = [path for path in sys.path if not path.rstrip("/").endswith(("site-packages", "dist-packages"))]
