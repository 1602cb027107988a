"""The app's roles, for messages that say whom to ask; ``authorize.conf`` is what gives the rights."""

from __future__ import annotations

#: Capability -> the role for those who need no more than it.
ROLE_WITH = {
    "cloudtrail_responder_run": "cloudtrail_responder",
    "cloudtrail_responder_view": "cloudtrail_responder_analyst",
    "cloudtrail_responder_approve": "cloudtrail_responder_analyst",
    "cloudtrail_responder_undo": "cloudtrail_responder_analyst",
    "cloudtrail_responder_admin": "cloudtrail_responder_admin",
}
#: Who may change the app's searches (``default.meta``).
KEEPERS = ("admin", "sc_admin")
