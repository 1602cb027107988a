"""splunkd on loopback: the documented management REST API over SQLite and an ``etc/apps`` tree."""

from .handlers import HandlerHost
from .server import Splunkd

__all__ = ["HandlerHost", "Splunkd"]
