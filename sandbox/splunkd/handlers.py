"""What splunkd needs of whoever runs an app's own REST handlers (``sandbox.runner`` does)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .model import Entry

__all__ = ["Entry", "HandlerHost"]


class HandlerHost(Protocol):
    """Runs Python REST handlers of installed apps. Called from many threads at once."""

    def admin(
        self,
        app: str,
        endpoint: str,
        action: str,
        name: str | None,
        args: dict[str, list[str]],
        session_key: str,
        user: str,
    ) -> tuple[int, Sequence[Entry] | str]:
        """Run ``[admin_external:<endpoint>]``.

        ``action``: list, create, edit, remove, members, reload, or the name of a custom action. ``args``: the caller's
        arguments. Gives (HTTP status, entries), or (status >= 400, the error's text).
        """

    def persistent(
        self,
        app: str,
        stanza: Mapping[str, str],
        request: Mapping[str, Any],
    ) -> tuple[int, Mapping[str, str], bytes | str]:
        """Run a ``[script:...]`` handler with ``scripttype = persist``: ``stanza`` is that of restmap.conf.

        ``request`` is what splunkd hands over: output_mode, output_mode_explicit, server, restmap, path_info,
        rest_path, connection, session, query, form, payload, headers, method, ns; system_authtoken with
        ``passSystemAuth``.
        Gives (HTTP status, headers, body).
        """

    def script(
        self,
        app: str,
        stanza: Mapping[str, str],
        request: Mapping[str, Any],
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Run one with ``scripttype = python``. It gets form, payload and headers whatever its stanza says."""
