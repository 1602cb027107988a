# mypy: ignore-errors
"""Loaded by the interpreter at its start: leaves an app with the standard library, these shims and what it brings.

Splunk's own Python has none of the packages that a developer once installed into the interpreter at hand. What it does
bring may be given as a folder; it comes last on the path, as site-packages do, so that an app's own lib/ wins.
"""

import os
import site
import sys

sys.path[:] = [path for path in sys.path if not path.rstrip("/").endswith(("site-packages", "dist-packages"))]

if os.environ.get("SANDBOX_PLATFORM_LIBS"):
    site.addsitedir(os.environ["SANDBOX_PLATFORM_LIBS"])

if os.environ.get("SANDBOX_CLOCK_SKEW"):
    import _sandbox_clock

    try:
        _sandbox_clock.skew(float(os.environ["SANDBOX_CLOCK_SKEW"]))
    except ValueError:
        # Not an exception of the usual kind: the interpreter would report one and go on with the right time.
        raise SystemExit("SANDBOX_CLOCK_SKEW must be a number of seconds") from None
