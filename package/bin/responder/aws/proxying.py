"""Which proxy a request to AWS takes: decided for each address, since an exception may name one service's hosts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..settings.network import Http


def install(client: Any, http: Http) -> None:
    """Have a botocore client ask the settings. It knows proxies by scheme only, and would ask the environment."""
    if urlsplit(http.proxy_for(client.meta.endpoint_url)).scheme not in ("", "http", "https"):
        raise ConfigurationError(
            "AWS cannot be reached through a SOCKS proxy (botocore does not support them).",
            "Use an HTTP proxy on the Proxy tab, or choose none for this AWS account.",
        )
    session = client._endpoint.http_session
    session._proxy_config = _by_address(type(session._proxy_config), http)


def _by_address(kind: Any, http: Http) -> Any:
    class ByAddress(kind):  # type: ignore[misc]
        def proxy_url_for(self, url: str) -> str | None:
            return http.proxy_for(url) or None

    return ByAddress(proxies={}, proxies_settings={})
