"""How long a service asks us to wait, what of its text is shown, and which answers leave the outcome open."""

from __future__ import annotations

import pytest
from responder.http_failures import causes, may_be_done, quote_text, retry_after

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


def test_text_of_a_service_is_one_short_line_without_our_secrets() -> None:
    text = quote_text("bad\n\x1b[31mtoken sesame " + "x" * 900, "sesame", "")
    assert "sesame" not in text and "\n" not in text and "\x1b" not in text and len(text) <= 300


@pytest.mark.parametrize("status", [301, 307, 308, 400, 401, 403, 404, 405, 413, 421, 423, 425, 429, 451])
def test_what_a_server_refuses_without_doing_it_is_certain(status: int) -> None:
    assert not may_be_done(status)


@pytest.mark.parametrize("status", [200, 302, 303, 402, 406, 408, 409, 418, 424, 499, 500, 502, 503, 504, 520, 599])
def test_any_other_answer_leaves_open_whether_it_was_done(status: int) -> None:
    assert may_be_done(status)


def test_an_exception_that_holds_itself_has_finitely_many_causes() -> None:
    error = OSError()
    error.args = (error,)
    assert list(causes(error)) == [error]
