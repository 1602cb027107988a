"""Makes the connection on which a link of Socket Mode lives: proxy, TLS and authorities as for every other request.

The library's own ways to a proxy are not used: it cannot go through SOCKS without a further library, and knows
``NO_PROXY`` but not the exceptions of the Proxy tab.
"""

from __future__ import annotations

import base64
import functools
import http.client
import os
import socket
import ssl
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import certifi
import requests.utils
import websocket

from ..errors import ConfigurationError, ResponderError, Unavailable
from ..http_failures import RETRIED
from ..http_transport import authorities, not_sent
from ..settings.model import LOOPBACK, Http
from .failures import TAB

#: Domains of Slack's hosts; a link to any other is not opened. Source: docs.slack.dev, "Using Socket Mode".
DOMAINS = ("slack.com", "slack-gov.com")
#: Seconds for each step: connection, proxy, TLS, handshake.
STEP = 5.0


def dial(target: str, url: str, http: Http, is_sandbox: bool) -> Any:
    """A WebSocket whose handshake is done. The address is a secret: no error repeats it.

    Raises ConfigurationError, or Unavailable. ``is_sandbox``: whether loopback is meant.
    """
    parts = urlsplit(url)
    check_host(target, parts, is_sandbox)
    # Settings know https; a link goes the same way.
    proxy = _proxy(http, f"https://{parts.netloc}")
    sock: socket.socket | None = None
    try:
        sock = _connected(parts, proxy)
        if parts.scheme == "wss":
            sock = _context(authorities(target, http)).wrap_socket(sock, server_hostname=parts.hostname)
        link: Any = websocket.WebSocket(enable_multithread=True, skip_utf8_validation=True)
        link.connect(url, socket=sock, timeout=STEP, redirect_limit=0, suppress_origin=True)
    except ResponderError:
        _close(sock)
        raise
    except websocket.WebSocketException as error:
        _close(sock)
        status = getattr(error, "status_code", 0)
        raise Unavailable(f"{target}: no link was opened (HTTP {status or 'none'}).", RETRIED) from None
    except Exception as error:
        _close(sock)
        raise not_sent(target, TAB, bool(proxy), error) from None
    response = link.handshake_response
    if response is None or response.status != 101:
        link.shutdown()
        raise Unavailable(f"{target}: no link was opened, but something else was answered.", RETRIED)
    return link


def check_host(target: str, parts: SplitResult, is_sandbox: bool) -> None:
    """Raises Unavailable for an address that is none of Slack's: frames carry no signature, TLS is all there is."""
    host = (parts.hostname or "").lower()
    if is_sandbox and host in LOOPBACK and parts.scheme in ("ws", "wss"):
        return
    is_slacks = any(host.endswith(f".{domain}") for domain in DOMAINS)
    if parts.scheme != "wss" or not is_slacks or parts.username is not None:
        raise Unavailable(f"{target}: the address for a link is none of Slack's.", RETRIED)


def _proxy(http: Http, url: str) -> str:
    """The proxy with its credentials; empty for none. Where the settings say nothing, the environment may."""
    if http.is_decided:
        return http.proxy_for(url)
    return str(requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url)) or "")


def _connected(parts: SplitResult, proxy: str) -> socket.socket:
    """A connection to the host, through the proxy where there is one. Raises OSError and whatever sockets raise."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
    if not proxy:
        return socket.create_connection((host, port), STEP)
    through = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    user, password = unquote(through.username or ""), unquote(through.password or "")
    if through.scheme.startswith("socks"):
        return _by_socks(through, user, password, (host, port))
    tunnel = http.client.HTTPConnection(through.hostname or "", through.port or 80, timeout=STEP)
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    tunnel.set_tunnel(host, port, {"Proxy-Authorization": f"Basic {login}"} if user else {})
    tunnel.connect()
    connected: socket.socket = tunnel.sock
    return connected


def _by_socks(through: SplitResult, user: str, password: str, address: tuple[str, int]) -> socket.socket:
    import socks

    kind = socks.SOCKS4 if through.scheme.startswith("socks4") else socks.SOCKS5
    try:
        connected: socket.socket = socks.create_connection(
            address,
            STEP,
            proxy_type=kind,
            proxy_addr=through.hostname,
            proxy_port=through.port or 1080,
            proxy_rdns=through.scheme in ("socks5h", "socks4a"),
            proxy_username=user or None,
            proxy_password=password or None,
        )
    except socks.SOCKS5AuthError as error:
        raise ConfigurationError("The proxy refuses its credentials.", "Correct them on the Proxy tab.") from error
    return connected


def _context(verify: str | bool) -> ssl.SSLContext:
    path = verify if isinstance(verify, str) else certifi.where()
    return _of_file(path, os.stat(path).st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _of_file(path: str, changed: int) -> ssl.SSLContext:
    """One for all links: each costs half a megabyte."""
    return ssl.create_default_context(cafile=path)


def _close(sock: socket.socket | None) -> None:
    if sock is not None:
        sock.close()
