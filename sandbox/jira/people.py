"""What people do in the browser: a test calls them by their user names."""

from __future__ import annotations

import time
from typing import Any

from sandbox.jira import adf
from sandbox.jira.model import STATUSES, USERS
from sandbox.jira.store import Store
from sandbox.jira.workflow import set_status


def account_id(name: str) -> str:
    """Raises ``StopIteration`` for nobody's name."""
    return next(user.account_id for user in USERS if user.name == name)


class People:
    """Acts on a site's store. Each method raises ``KeyError`` for a ticket that there is not."""

    def __init__(self, store: Store, effects: Any, is_cloud: bool) -> None:
        self._store = store
        self._effects = effects
        self._is_cloud = is_cloud

    def comment(self, key: str, body: Any, by: str, ago: float = 0.0, role: str = "", is_internal: bool = False) -> str:
        """Write a comment (a text, or a document of the deployment's kind); its id. ``ago``: so many seconds before.

        ``role``: who alone may read it; ``is_internal``: of a service desk, not for its customers.
        """
        with self._effects:
            issue, now = self._issue(key), time.time() - ago
            author = account_id(by)
            visibility = {"type": "role", "value": role, "identifier": role} if role else None
            times = {"created": now, "updated": now}
            comment = {"author": author, "body": self._rich(body), "visibility": visibility, **times}
            self._store.add_comment(issue, comment)
            if is_internal:
                self._store.set_property("comment", str(comment["id"]), "sd.public.comment", {"internal": True})
            self._store.save_issue(issue, author)
            return str(comment["id"])

    def edit(self, comment_id: str, body: Any, by: str) -> None:
        """Edit anybody's comment, as people with the right to do so can."""
        with self._effects:
            found = self._store.comment(comment_id)
            assert found is not None
            comment, issue = found
            self._store.save_comment({**comment, "body": self._rich(body), "update_author": account_id(by)})
            self._store.save_issue(self._issue(issue), account_id(by))

    def delete(self, comment_id: str, by: str) -> None:
        """Delete anybody's comment, as people with the right to do so can."""
        with self._effects:
            found = self._store.comment(comment_id)
            assert found is not None
            self._store.delete_comment(found[0])
            self._store.save_issue(self._issue(found[1]), account_id(by))

    def describe(self, key: str, body: Any, by: str) -> None:
        """Rewrite the description of a ticket."""
        with self._effects:
            self._store.save_issue({**self._issue(key), "description": self._rich(body)}, account_id(by))

    def transition(self, key: str, status: str, by: str, resolution: str = "10000") -> None:
        with self._effects:
            issue = self._issue(key)
            set_status(issue, next(number for number, (name, _) in STATUSES.items() if name == status), resolution)
            self._store.save_issue(issue, account_id(by))

    def label(self, key: str, by: str, *labels: str) -> None:
        """Have the ticket carry these labels besides its own."""
        with self._effects:
            issue = self._issue(key)
            issue["labels"] = sorted({*issue["labels"], *labels})
            self._store.save_issue(issue, account_id(by))

    def assign(self, key: str, to: str, by: str) -> None:
        """``to``: empty for nobody."""
        with self._effects:
            issue = self._issue(key)
            issue["assignee"] = account_id(to) if to else None
            self._store.save_issue(issue, account_id(by))

    def _issue(self, key: str) -> dict[str, Any]:
        found = self._store.issue(key)
        if found is None:
            raise KeyError(key)
        return found

    def _rich(self, body: Any) -> dict[str, Any]:
        if not self._is_cloud:
            return {"wiki": body}
        return {"adf": adf.from_text(body) if isinstance(body, str) else body}
