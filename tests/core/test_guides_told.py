"""Where no call can help, the ticket says what a person has to do, once for what it is about."""

from __future__ import annotations

from core_findings import finding

GUIDE = {"recommended_playbook": "secure_root_user", "object_id": "111122223333", "vendor_region": "eu-central-1"}


def test_the_ticket_says_what_to_do_and_nothing_is_asked_of_aws(core):
    about = finding(1, **GUIDE)
    core.ask(about)
    report = core.ask(about, "remediate")
    assert report.state == "done" and "has to be done by a person" in report.message
    core.work()
    (comment,) = core.jira.texts
    assert "To be done by a person" in comment and "1. Look at the call itself" in comment
    assert "https://console.aws.amazon.com/billing/home#/account" in comment
    assert "remediation_by_hand" in core.steps()


def test_further_events_of_the_same_do_not_say_it_again(core):
    core.ask(finding(1, **GUIDE))
    core.ask(finding(1, **GUIDE), "remediate")
    again = core.ask(finding(1, "event-2", **GUIDE), "remediate")
    assert again.state == "done" and "says what a person has to do" in again.message
    other = core.ask(finding(1, "event-3", **{**GUIDE, "object_id": "444455556666"}), "remediate")
    assert "has to be done by a person" in other.message


def test_it_needs_no_account_entry_and_no_mode_stops_it(core):
    core.save("settings", "safety", kill_switch="1")
    assert core.ask(finding(1, **GUIDE), "remediate").state == "done"
