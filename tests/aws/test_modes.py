"""The mode that counts: the lowest of what is asked for and every ceiling."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from responder.errors import Rejected
from responder.remediation.modes import effective_mode
from responder.settings.model import MODES, Safety

from tests.aws.support import account

ENTRY = account("")
ANY = ("", *MODES)


def lowest(*modes: str) -> str:
    return min(filter(None, modes), key=MODES.index)


@pytest.mark.parametrize("default", MODES)
def test_it_is_the_lowest_of_all_that_is_said(default: str) -> None:
    for requested, ceiling, in_account, of_playbook in itertools.product(ANY, repeat=4):
        safety = Safety(default_mode=default, mode_ceiling=ceiling, playbook_ceilings={"open": of_playbook})
        entry = replace(ENTRY, mode_ceiling=in_account)
        expected = lowest(requested or default, ceiling or default, in_account, of_playbook)
        assert effective_mode(requested, safety, entry, "open") == expected


def test_an_alert_may_lower_the_mode_and_not_raise_it() -> None:
    safety = Safety(default_mode="approve")
    assert effective_mode("simulate", safety, ENTRY, "open") == "simulate"
    assert effective_mode("enforce", safety, ENTRY, "open") == "approve"
    assert effective_mode("enforce", replace(safety, mode_ceiling="enforce"), ENTRY, "open") == "enforce"


def test_a_ceiling_of_one_playbook_is_none_of_another() -> None:
    safety = Safety(default_mode="enforce", playbook_ceilings={"open": "simulate"})
    assert effective_mode("", safety, ENTRY, "open") == "simulate"
    assert effective_mode("", safety, ENTRY, "other") == "enforce"


@pytest.mark.parametrize("requested", ["Enforce", "enforce ", "yes", "\u00b2"])
def test_a_mode_that_is_none_is_refused(requested: str) -> None:
    with pytest.raises(Rejected, match="is not one of simulate, approve, enforce"):
        effective_mode(requested, Safety(default_mode="enforce"), ENTRY, "open")
