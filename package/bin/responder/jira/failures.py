"""What an answer of Jira's that is no success means: which of our errors, and so whether and when to try again.

A refusal is final here for nobody: what Jira refuses, people can cure in Jira or in a setting. Source:
developer.atlassian.com, "The Jira Cloud platform REST API" (status codes, rate limiting), RFC 9110.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import (
    ConfigurationError,
    Curable,
    Forbidden,
    NotFound,
    NotPermitted,
    ResponderError,
    Unavailable,
    UnknownOutcome,
)
from ..http_failures import CHECKED_BEFORE_REPEAT, RETRIED, may_be_done, quote_text, retry_after
from ..http_transport import Answer
from ..settings.model import JiraSite

TAB = "on the Jira sites tab"
_SCOPES = "the scopes read:jira-work, write:jira-work and read:jira-user"


class FieldsRefused(Curable):
    """Jira refused a request (400, 422) and explained it by field: id -> its text."""

    def __init__(self, message: str, hint: str, fields: Mapping[str, str]) -> None:
        super().__init__(message, hint)
        self.fields = dict(fields)


class NotJira(Unavailable):
    """Something else than Jira's REST API answered: a login page, a proxy, another address. Nothing was done."""


class Failures:
    """Turns answers of one site into errors. ``credentials`` are blacked out wherever they are echoed."""

    def __init__(self, site: JiraSite, target: str, credentials: Sequence[str]) -> None:
        self._site = site
        self._target = target
        self._credentials = tuple(credentials)

    def not_authenticated(self) -> NotPermitted:
        if self._site.is_scoped:
            hint = f"Enter the e-mail address and an API token of its owner {TAB}; it expires, and needs {_SCOPES}."
        elif self._site.deployment == "cloud":
            hint = f"Enter the e-mail address and an API token of its owner {TAB}; API tokens expire."
            hint += " For a token with scopes, or of a service account, choose that kind of API token."
        else:
            hint = f"Enter a valid personal access token {TAB}; they expire."
        return NotPermitted(f"{self._target} does not accept the credentials.", hint)

    def unreadable(self, answer: Answer, write: bool) -> ResponderError:
        """The error for a success whose body is not what Jira describes."""
        if write:
            what = f"{self._target}: the answer to the request cannot be read (HTTP {answer.status})."
            return UnknownOutcome(what, CHECKED_BEFORE_REPEAT)
        return self._not_jira(answer)

    def error(self, answer: Answer, write: bool) -> ResponderError:
        """The error for any answer that is no success."""
        status = answer.status
        if status == 401 or anonymous(answer):
            # Jira may answer as to an anonymous visitor, who sees no ticket: not to be taken for "there is none".
            return self.not_authenticated()
        if status == 407:
            return ConfigurationError(
                f"{self._target}: the proxy refuses its credentials.", "Correct them on the Proxy tab."
            )
        if status == 429:
            return self._unavailable("limits the rate of requests (HTTP 429)", answer)
        if status < 500 and not answer.is_page:
            refusal = self._refusal(answer)
            if refusal is not None:
                return refusal
        if write and may_be_done(status):
            return UnknownOutcome(
                f"{self._target} failed (HTTP {status}){self._because(answer)}. The request may have been carried out.",
                CHECKED_BEFORE_REPEAT,
            )
        if answer.is_page or 300 <= status < 400 or status in (404, 405, 410):
            return self._not_jira(answer)
        return self._unavailable(f"is not available (HTTP {status}){self._because(answer)}", answer)

    def _refusal(self, answer: Answer) -> ResponderError | None:
        """The error for what Jira itself refuses, knowing the request; None where it does not say so."""
        status, because = answer.status, self._because(answer)
        if status in (400, 422):
            return FieldsRefused(
                f"{self._target} refused the request (HTTP {status}){because}.",
                "Correct the alert action's project, issue type or labels, or the field's settings in Jira.",
                field_errors(answer),
            )
        if status == 403:
            rights = "Browse projects, Create issues, Edit issues and Add comments"
            hint = f"Give the token's owner the permissions {rights}."
            if "x-authentication-denied-reason" in answer.headers:
                return NotPermitted(f"{self._target} does not permit this: too many failed logins{because}.", hint)
            return Forbidden(f"{self._target} does not permit this{because}.", hint)
        if status == 404 and _body(answer).get("errorMessages"):
            return NotFound(f"{self._target}: not found (HTTP 404){because}.")
        if status == 413:
            return Curable(
                f"{self._target} takes no more text, comments or files on this ticket (HTTP 413){because}.",
                "Close the ticket, so that a new one is opened, or raise the limit in Jira.",
            )
        return None

    def _not_jira(self, answer: Answer) -> NotJira:
        return NotJira(
            f"{self._target}: the answer is not one of Jira's REST API (HTTP {answer.status}).",
            f"{RETRIED} If this persists, check the URL {TAB}: another site, a login page or a proxy may answer.",
            retry_after(answer.headers),
        )

    def _unavailable(self, what: str, answer: Answer) -> Unavailable:
        return Unavailable(f"{self._target} {what}.", RETRIED, retry_after(answer.headers))

    def _because(self, answer: Answer) -> str:
        body = _body(answer)
        texts: list[str] = [str(body[name]) for name in ("message", "errorMessage") if body.get(name)]
        messages = body.get("errorMessages") or []
        texts += [str(message) for message in (messages if isinstance(messages, list) else [messages])]
        texts += [f"{field}: {text}" for field, text in field_errors(answer).items()]
        quoted = quote_text("; ".join(texts), *self._credentials)
        return f": {quoted.rstrip('.')}" if quoted else ""


def anonymous(answer: Answer) -> bool:
    """Whether Jira did not accept the credentials and answered all the same."""
    return "AUTHENTICATED_FAILED" in answer.headers.get("X-Seraph-LoginReason", "")


def field_errors(answer: Answer) -> dict[str, str]:
    errors: Any = _body(answer).get("errors")
    return {str(field): str(text) for field, text in errors.items()} if isinstance(errors, dict) else {}


def _body(answer: Answer) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
