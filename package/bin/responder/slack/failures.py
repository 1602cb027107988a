"""What an answer of Slack's that is no success means: which of our errors, and so whether and when to try again.

Slack refuses with HTTP 200 and ``{"ok": false, "error": code}``, a webhook with a status and a code as its body. No
code is final: a code of a setting waits for a person, and one that blames our own message is tried again at a slow
pace, since an update of the app cures it. Source: docs.slack.dev, errors of the methods used and of incoming webhooks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import ConfigurationError, Curable, NotFound, NotPermitted, ResponderError, Unavailable, UnknownOutcome
from ..http_failures import CHECKED_BEFORE_REPEAT, RETRIED, may_be_done, quote_text, retry_after
from ..http_transport import Answer
from .model import NoChannel

TAB = "on the Slack tab"
#: Seconds between attempts at what only a new version of the app can cure.
SLOW_PACE = 3600.0

_TOKEN = f"Enter a valid bot token (xoxb-...) of an installed Slack app {TAB}."
_APP_TOKEN = f"Enter a valid app-level token (xapp-...) with the scope connections:write {TAB}."
_ADMINISTRATOR = "Ask the Slack administrator."
_CHANNEL = "Correct the channel (the channel ID is safest), and invite the app if it is private."
_OTHER_CHANNEL = "Choose another channel."
_ARCHIVED = "Choose another channel, or unarchive it in Slack."
_NEW_WEBHOOK = f"The webhook is gone or disabled: create a new one and enter it {TAB}."

#: Code -> what a person has to do about credentials and rights.
NOT_PERMITTED: Mapping[str, str] = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": _TOKEN,
    "missing_scope": "Add the scope to the Slack app and install it again.",
    "no_permission": "Add the scopes to the Slack app and install it again.",
    "access_denied": _ADMINISTRATOR,
    "app_access_restricted": _ADMINISTRATOR,
    "accesslimited": _ADMINISTRATOR,
    "plan_upgrade_required": "Name members or email addresses: this workspace has no user groups.",
    "forbidden_team": _ADMINISTRATOR,
    "ekm_access_denied": _ADMINISTRATOR,
    "enterprise_is_restricted": _ADMINISTRATOR,
    "org_login_required": _ADMINISTRATOR,
    "two_factor_setup_required": _ADMINISTRATOR,
    "team_access_not_granted": "Ask the Slack administrator to grant the app this workspace.",
    "not_in_channel": "Invite the app to the channel (/invite @app).",
    "restricted_action": "Ask the Slack administrator to let the app post in the channel.",
    "restricted_action_read_only_channel": "Ask the Slack administrator to let the app post in the channel.",
    "restricted_action_thread_only_channel": "Ask the Slack administrator to let the app post in the channel.",
    "restricted_action_thread_locked": "Ask the Slack administrator to let the app post in the thread.",
    "thread_locked": "Ask the Slack administrator to let the app post in the thread.",
    "restricted_action_non_threadable_channel": "Ask the Slack administrator to allow threads in the channel.",
    "action_prohibited": "Ask the Slack administrator to let the webhook post.",
    "posting_to_general_channel_denied": "Choose another channel, or ask the Slack administrator.",
}
#: Code -> what a person has to do about a channel or webhook.
CURABLE: Mapping[str, str] = {
    "channel_not_found": _CHANNEL,
    "user_not_found": _CHANNEL,
    "users_not_found": "Correct the email address: nobody in the workspace has it.",
    "cannot_dm_bot": "Name a person, not a bot.",
    "user_disabled": "Name somebody who is not deactivated.",
    "user_not_visible": "Correct the member, or ask the Slack administrator.",
    "no_such_subteam": f"Correct the user group {TAB}.",
    "is_archived": _ARCHIVED,
    "channel_is_archived": _ARCHIVED,
    "messages_tab_disabled": _OTHER_CHANNEL,
    "team_not_found": _CHANNEL,
    "no_service": _NEW_WEBHOOK,
    "no_service_id": _NEW_WEBHOOK,
    "no_active_hooks": _NEW_WEBHOOK,
    "no_team": _NEW_WEBHOOK,
    "invalid_token": _NEW_WEBHOOK,
    "team_disabled": f"The workspace is disabled: enter another {TAB}.",
}
#: Those of which say that there is no such channel any more, or that nobody can write there.
NO_CHANNEL = ("channel_not_found", "is_archived", "channel_is_archived")
#: The message or thread is gone, takes no replies, or cannot be edited (``is_inactive``: the channel is frozen,
#: archived or deleted).
GONE = (
    "message_not_found",
    "thread_not_found",
    "cannot_reply_to_message",
    "invalid_thread_ts",
    "cant_update_message",
    "edit_window_closed",
    "is_inactive",
)
#: Not done, and to be tried again.
LATER = (
    "external_channel_migrating",
    "message_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "team_added_to_org",
)
#: Not done, because of how we built the request.
OUR_FAULT = (
    "attachment_payload_limit_exceeded",
    "block_mismatch",
    "deprecated_endpoint",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_json",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_payload",
    "invalid_post_type",
    "json_not_object",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "method_deprecated",
    "missing_charset",
    "missing_post_type",
    "missing_text_or_fallback_or_attachments",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "too_many_attachments",
    "unknown_method",
)


class Failures:
    """Turns answers of one workspace into errors. ``credentials`` are blacked out wherever they are echoed.

    ``of_app``: whether the app-level token is used.
    """

    def __init__(self, target: str, credentials: Sequence[str], of_app: bool = False) -> None:
        self._target = target
        self._of_app = of_app
        self._credentials = tuple(credentials)

    def unreadable(self, answer: Answer, write: bool) -> ResponderError:
        """The error for a success whose body is none of Slack's."""
        what = f"{self._target}: the answer is not one of Slack's (HTTP {answer.status})."
        if write:
            return UnknownOutcome(what, CHECKED_BEFORE_REPEAT)
        return Unavailable(what, f"{RETRIED} If this persists, check the Proxy tab: a proxy or login page may answer.")

    def error(self, answer: Answer, code: str, detail: str, write: bool, channel: str = "") -> ResponderError:
        """The error for one of Slack's codes, or for a status without any (``code`` is empty).

        ``channel``: which one the request was about, by name or id.
        """
        quoted = quote_text(f"{code}: {detail}" if detail else code, *self._credentials)
        target = f"{self._target}, channel {_channel_name(channel)}" if channel else self._target
        if code in NOT_PERMITTED:
            return NotPermitted(f"{target} does not permit this: {quoted}.", self._hint(NOT_PERMITTED[code]))
        if code in CURABLE:
            kind = NoChannel if code in NO_CHANNEL else Curable
            return kind(f"{target} refused the request: {quoted}.", CURABLE[code])
        if code in GONE:
            return NotFound(f"{self._target}: the message or thread is gone ({quoted}).")
        if code in OUR_FAULT:
            return Unavailable(
                f"{self._target} refused the message: {quoted}.",
                f"{RETRIED} This is a fault of the app: report it with this line.",
                SLOW_PACE,
            )
        if answer.status == 429 or code in LATER:
            return Unavailable(
                f"{self._target} asks to be called later ({quoted or answer.status}).",
                RETRIED,
                retry_after(answer.headers),
            )
        return self._by_status(answer, quoted, write)

    def _hint(self, hint: str) -> str:
        return _APP_TOKEN if self._of_app and hint == _TOKEN else hint

    def _by_status(self, answer: Answer, quoted: str, write: bool) -> ResponderError:
        status, detail = answer.status, f": {quoted}" if quoted else ""
        if status == 407:
            return ConfigurationError(
                f"{self._target}: the proxy refuses its credentials.", "Correct them on the Proxy tab."
            )
        if write and may_be_done(status):
            return UnknownOutcome(
                f"{self._target} failed (HTTP {status}){detail}. The message may have been posted.",
                CHECKED_BEFORE_REPEAT,
            )
        if status == 401:
            refused = f"{self._target} does not accept the credentials (HTTP 401){detail}."
            return NotPermitted(refused, self._hint(_TOKEN))
        return Unavailable(f"{self._target} failed (HTTP {status}){detail}.", RETRIED, retry_after(answer.headers))


def _channel_name(channel: str) -> str:
    """A name with its sign, an id as it is."""
    bare = quote_text(channel.lstrip("#"))
    return bare if re.fullmatch(r"[A-Z0-9]{3,}", bare) else f"#{bare}"


def is_code(text: str) -> bool:
    """Whether a text has the form of Slack's error codes."""
    return re.fullmatch(r"[a-z0-9_]{2,80}", text) is not None
