"""How channels and people of Slack are named in settings, as patterns."""

from __future__ import annotations

#: Source: docs.slack.dev, "conversations.create" (names are lower case) and "Conversation object" (ids).
CHANNEL_NAME, CHANNEL_ID = r"[^\s#@:,.*;A-Z]{1,80}", r"[CGDUW][A-Z0-9]{7,}"
#: An email address stands for the conversation with that member, as the id of one does.
EMAIL = r"[\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190}"
CHANNEL = rf"(?:#?(?:{CHANNEL_ID}|{CHANNEL_NAME})|{EMAIL})"
#: A member (who may be named as Splunk knows them), an address, or a user group. Source: docs.slack.dev, "Users" and
#: "User groups" (ids).
SLACK_ANSWERER = r"[UW][A-Z0-9]{7,}(?:=[\w.+@\\-]{1,80})?|S[A-Z0-9]{7,}|" + EMAIL
