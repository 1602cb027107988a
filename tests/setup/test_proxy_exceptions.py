"""Hosts that are reached without the proxy, as NO_PROXY is understood elsewhere."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from responder.settings.proxy_exceptions import ProxyExceptions

LABEL = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
PORT = st.integers(1, 65535)
V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)
ADDRESS = st.one_of(V4, V6)


def covers(text: str, host: str, port: int = 443) -> bool:
    return ProxyExceptions.parse(text).covers(f"https://{host}:{port}/rest/api")


def in_url(address: object) -> str:
    return f"[{address}]" if ":" in str(address) else str(address)


@given(NAME, PORT)
def test_a_name_covers_itself_and_what_is_below_it(name: str, port: int) -> None:
    assert covers(name, name, port) and covers(name.upper() + ".", f"sub.{name}", port)
    assert not covers(name, f"not{name}", port) and not covers(name, f"{name}.example", port)


@given(NAME, st.sampled_from([".", "*."]))
def test_a_suffix_covers_what_is_below_and_not_itself(name: str, mark: str) -> None:
    assert covers(mark + name, f"a.b.{name}") and not covers(mark + name, name)
    assert not covers(mark + name, f"x{name}")


@given(st.one_of(NAME, ADDRESS.map(in_url)), PORT, PORT)
def test_a_port_covers_no_other(host: str, port: int, other: int) -> None:
    assert covers(f"{host}:{port}", host, port)
    assert covers(f"{host}:{port}", host, other) is (port == other)


@given(st.one_of(NAME, ADDRESS.map(in_url)), PORT)
def test_a_star_covers_everything_and_nothing_covers_nothing(host: str, port: int) -> None:
    assert covers("*", host, port) and not covers("", host, port)


@given(V4, st.integers(0, 32), V4)
@example(ipaddress.ip_address("10.0.0.1"), 8, ipaddress.ip_address("10.255.0.1"))
def test_a_network_covers_its_addresses_only(base: ipaddress.IPv4Address, bits: int, other: object) -> None:
    network = ipaddress.ip_network(f"{base}/{bits}", strict=False)
    assert covers(f"{base}/{bits}", str(base))
    assert covers(f"{base}/{bits}", str(other)) is (other in network)
    assert not covers(f"{base}/{bits}", "example.com")


@given(V6, st.integers(0, 128), V6)
def test_so_it_is_for_ipv6(base: ipaddress.IPv6Address, bits: int, other: ipaddress.IPv6Address) -> None:
    network = ipaddress.ip_network(f"{base}/{bits}", strict=False)
    assert covers(f"{base}/{bits}", f"[{base}]")
    assert covers(f"{base}/{bits}", f"[{other}]") is (other in network)


def plain(address: Any) -> Any:
    return getattr(address, "ipv4_mapped", None) or address


@given(ADDRESS, ADDRESS)
@example(ipaddress.ip_address("::ffff:10.0.0.1"), ipaddress.ip_address("10.0.0.1"))
def test_an_address_covers_itself_in_any_way_to_write_it(address: Any, other: Any) -> None:
    assert covers(str(address), in_url(address)) and covers(address.exploded.upper(), in_url(address))
    assert covers(str(address), in_url(other)) is (plain(address) == plain(other))


@given(st.lists(st.one_of(NAME, ADDRESS.map(str)), min_size=1, max_size=5), st.sampled_from([",", " ", ", ", "\n"]))
def test_a_list_covers_what_one_of_its_entries_does(entries: list[str], separator: str) -> None:
    text = separator.join(entries)
    assert all(covers(text, in_url(entry)) for entry in entries)


@given(st.text(max_size=40))
def test_any_text_is_either_understood_or_refused_by_the_entry_that_is_none(text: str) -> None:
    try:
        ProxyExceptions.parse(text).covers("https://example.com/")
    except ValueError as error:
        assert str(error) in text


@pytest.mark.parametrize(
    "entry",
    [
        "http://example.com", "example.com/path", "10.0.0.0/33", "10.0.0.0/8:80", "300.1.2.3", "10.1.2", "a..b",
        "-a.com", "*example.com", "exam*ple.com", "**", "example.com:0", "example.com:70000", "example.com:", "[::1",
        "[example.com]", "user@example.com", "::1/64/2", "[::1]x", "ex ample.com;", ".", "*.",
    ],
)  # fmt: skip
def test_what_others_pass_over_in_silence_is_refused(entry: str) -> None:
    with pytest.raises(ValueError):
        ProxyExceptions.parse(f"good.example.com, {entry}")


def test_the_port_of_an_address_without_one_is_its_schemes() -> None:
    found = ProxyExceptions.parse("jira.example.com:443")
    assert found.covers("https://jira.example.com/") and not found.covers("http://jira.example.com/")
