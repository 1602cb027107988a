"""How long a service asks us to wait, and what of its words is repeated."""

from __future__ import annotations

import pytest
from responder.http_failures import causes, quoted, retry_after

NOW = 1_767_225_600.0  # 2026-01-01 00:00:00 UTC


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Thu, 01 Jan 2026 00:02:00 GMT"}, 120),
        ({"Retry-After": "Wed, 31 Dec 2025 23:00:00 GMT"}, 0),
        ({"Retry-After": "999999"}, 3600),
        ({"X-RateLimit-Reset": "2026-01-01T00:05Z"}, 300),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "2026-01-01T00:00:30Z"}, 30),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"X-RateLimit-Reset": "2026-13-45T99:99Z"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_every_form_of_a_wait_is_read_and_nonsense_is_none(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


def test_words_of_a_service_are_one_short_line_without_our_secrets() -> None:
    said = quoted("bad\n\x1b[31mtoken sesame " + "x" * 900, "sesame", "")
    assert "sesame" not in said and "\n" not in said and "\x1b" not in said and len(said) <= 300


def test_an_exception_that_holds_itself_has_finitely_many_causes() -> None:
    error = OSError()
    error.args = (error,)
    assert list(causes(error)) == [error]
