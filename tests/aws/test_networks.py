"""When ranges of addresses are the world, alone and together."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.remediation.networks import BROAD, INTERNET, PRIVATE, Opening, is_world, network_of, open_to_world


def networks(*ranges: str) -> list[Any]:
    return [ipaddress.ip_network(one) for one in ranges]


def opened(*rules: tuple[str, str, Any]) -> set[Any]:
    """Which of (range, protocol, ports) are open to the world."""
    return open_to_world(Opening(rule, ipaddress.ip_network(rule[0]), rule[1], rule[2]) for rule in rules)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (("0.0.0.0/0",), True),
        (("0.0.0.0/1",), True),
        (("128.0.0.0/1",), True),
        (("0.0.0.0/2",), False),
        (("0.0.0.0/2", "0.0.0.0/3"), False),
        (("0.0.0.0/2", "128.0.0.0/2"), True),
        (("::/0",), True),
        (("::/1",), True),
        (("8000::/1",), False),
        (("2000::/3",), True),
        (("2000::/4",), True),
        (("fd00::/8",), False),
        (("2000::/5", "2800::/5"), True),
        ((), False),
    ],
)
def test_half_of_the_internet_is_the_world(ranges: tuple[str, ...], expected: bool) -> None:
    assert is_world(networks(*ranges)) is expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=255, unique=True))
def test_it_is_a_matter_of_how_much_they_hold_together(firsts: list[int]) -> None:
    assert is_world(networks(*(f"{first}.0.0.0/8" for first in firsts))) is (len(firsts) >= 128)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.randoms(use_true_random=False), st.sampled_from((4, 6)))
def test_the_internet_cut_to_pieces_is_still_the_world(depth: int, random: Any, version: int) -> None:
    """Whatever way it is cut, in whatever order, as long as the pieces fit into a group."""
    pieces: list[Any] = [INTERNET[version]]
    for _ in range(2**depth):
        whole = pieces.pop(random.randrange(len(pieces)))
        deep = whole.prefixlen + 1 > BROAD[version]
        pieces += [whole] if deep else list(whole.subnets())
    random.shuffle(pieces)
    openings = [Opening(piece, piece, "tcp", (22, 22)) for piece in pieces]
    private = {piece for piece in pieces for own in PRIVATE if own.version == version and piece.subnet_of(own)}
    assert open_to_world(openings) == set(pieces) - private


def test_ipv6_addresses_of_ones_own_are_not_a_part_of_the_world() -> None:
    world = [Opening(one, network_of(one), "tcp", (22, 22)) for one in ("2000::/4", "3000::/4")]  # type: ignore[arg-type]
    own = Opening("own", network_of("fc00::/7"), "tcp", (22, 22))  # type: ignore[arg-type]
    assert open_to_world([*world, own]) == {"2000::/4", "3000::/4"}


def test_half_of_the_internet_and_most_of_the_other_half_are_the_world() -> None:
    """The other half without a private range is a little less than a half by itself."""
    half = ("128.0.0.0/1", "tcp", (22, 22))
    other = ("64.0.0.0/2", "32.0.0.0/3", "16.0.0.0/4", "0.0.0.0/5", "12.0.0.0/6")
    rest = [(each, "tcp", (22, 22)) for each in (*other, "8.0.0.0/7", "11.0.0.0/8")]
    assert opened(half, *rest) == {half, *rest}
    provider = ("24.0.0.0/8", "tcp", (22, 22))
    assert opened(half, provider) == {half}, "one range beside a half stays what it is"
    everything = ("0.0.0.0/0", "tcp", (22, 22))
    assert opened(everything, *rest) == {everything}, "and so does each beside everything"


def test_ports_and_protocols_keep_ranges_apart() -> None:
    low, high = ("0.0.0.0/2", "tcp", (1, 100)), ("64.0.0.0/2", "tcp", (100, 200))
    assert opened(low, high) == {low, high}, "they meet at port 100"
    assert opened(low, ("64.0.0.0/2", "tcp", (101, 200))) == set()
    assert opened(low, ("64.0.0.0/2", "udp", (1, 100))) == set()
    everything = ("64.0.0.0/2", "-1", None)
    assert opened(low, everything) == {low, everything}


def test_what_is_near_is_not_open_since_its_neighbor_is() -> None:
    world, office, private = (
        ("0.0.0.0/0", "tcp", (22, 22)),
        ("198.51.100.0/24", "tcp", (22, 22)),
        ("10.0.0.0/8", "tcp", (22, 22)),
    )
    quarters = [(f"{first}.0.0.0/2", "tcp", (22, 22)) for first in (0, 64, 128, 192)]
    assert opened(world, office, private) == {world}
    assert opened(*quarters, office, private) == set(quarters)


def test_ip_versions_do_not_add_up() -> None:
    assert opened(("0.0.0.0/2", "tcp", (22, 22)), ("2000::/5", "tcp", (22, 22))) == set()


def test_a_full_group_is_no_work() -> None:
    """A thousand rules, each of another port: as many as AWS allows."""
    rules = [(f"{number % 256}.0.0.0/8", "tcp", (number, number + 40)) for number in range(1000)]
    assert opened(*rules) == set()
