"""Which of Splunk's interpreters must be there: RESPONDER_REQUIRE_INTERPRETERS is 1 (all), or names some (3.9,3.13)."""

from __future__ import annotations

import os

import pytest

from sandbox.runner import interpreters


def required() -> set[str]:
    """Versions without which a test fails instead of being skipped."""
    asked = os.environ.get("RESPONDER_REQUIRE_INTERPRETERS", "")
    if asked in ("", "1"):
        return set(interpreters.VERSIONS) if asked else set()
    named = set(asked.replace(" ", "").split(","))
    assert named <= set(interpreters.VERSIONS), f"RESPONDER_REQUIRE_INTERPRETERS={asked} is not 1 or Splunk's"
    return named


def there(version: str) -> str:
    """``version``, if this machine has it; else the test is skipped, or fails if it is required."""
    try:
        interpreters.find(version)
    except interpreters.InterpreterNotFound as error:
        if version in required():
            pytest.fail(f"RESPONDER_REQUIRE_INTERPRETERS is set: {error}")
        pytest.skip(str(error))
    return version
