"""The lists that people keep, given as options; with the standard library only, as help is shown by any Python."""

from __future__ import annotations

import argparse

#: Option, lookup, its key column, what it is.
_BAD = (
    ("--bad-network", "responder_bad_networks", "cidr", "CIDR", "nothing of yours should connect to it (flow logs)"),
    ("--bad-domain", "responder_bad_domains", "domain", "NAME", "nothing of yours should query it; *. is allowed"),
)
_ALLOWED = (
    ("--allow-country", "responder_allowed_countries", "country", "NAME", "as iplocation names it"),
    ("--allow-network", "responder_allowed_networks", "cidr", "CIDR", None),
)


def add_arguments(parser: argparse.ArgumentParser, all_logs: bool = True) -> None:
    """``all_logs``: with the lists of what flow and query logs are held against."""
    for option, _, _, metavar, text in (*_ALLOWED, *(_BAD if all_logs else ())):
        parser.add_argument(option, action="append", default=[], metavar=metavar, help=text)


def lookups(args: argparse.Namespace) -> dict[str, list[dict[str, str]]]:
    """Their rows, by lookup."""
    given = vars(args)
    return {
        lookup: [{key: value} for value in given.get(option[2:].replace("-", "_"), ())]
        for option, lookup, key, _, _ in (*_ALLOWED, *_BAD)
    }
