"""The Notifiers tab: what is tested, and where secrets go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from responder.errors import ConfigurationError
from responder.settings.notifier import NotifierEntry
from setup_page import SetupPage

from sandbox.runner import interpreters
from sandbox.teams import TeamsStandIn
from sandbox.webhook import WebhookStandIn, new_secret

MASK = "******"


@pytest.fixture(scope="module")
def python_version() -> str:
    """One of Splunk's Pythons: the version is not the subject."""
    versions = interpreters.available()
    if not versions:
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")
    return versions[0]


@pytest.fixture
def soar() -> Iterator[WebhookStandIn]:
    with WebhookStandIn() as receiver:
        yield receiver


def form(receiver: WebhookStandIn, **more: str) -> dict[str, str]:
    known = {"type": "webhook", "webhook_url": receiver.webhook_url, "signing_secret": receiver.secrets[0]}
    return {**known, **more}


def test_a_webhook_is_pinged_and_its_address_and_secret_are_never_shown(page: SetupPage, soar: WebhookStandIn) -> None:
    assert page.create("notifier", "soar", **form(soar)) is None
    assert (len(soar.pings), soar.events) == (1, [])
    shown = page.entry("notifier", "soar")
    assert shown["webhook_url"] == shown["signing_secret"] == MASK
    entry = page.settings().notifier()
    assert (entry.webhook_url.reveal(), entry.signing_secret.reveal()) == (soar.webhook_url, soar.secrets[0])
    assert any("accepted a signed ping" in line for line in page.log())
    assert not any(soar.webhook_url in line or soar.secrets[0] in line for line in page.log())


def test_what_the_receiver_refuses_is_not_saved_unless_it_is_wanted_untested(
    page: SetupPage, soar: WebhookStandIn
) -> None:
    wrong = form(soar, signing_secret=new_secret())
    refusal = page.create("notifier", "soar", **wrong)
    assert refusal is not None and "no signature is right" in refusal and "'Signing secret'" in refusal
    assert page.entry("notifier", "soar") == {}
    asked = len(soar.requests)
    assert page.create("notifier", "soar", **wrong, save_untested="1") is None
    assert len(soar.requests) == asked


def test_a_redirect_is_not_followed(page: SetupPage, soar: WebhookStandIn) -> None:
    with WebhookStandIn() as elsewhere:
        soar.faults.add("status", status=307, headers={"Location": elsewhere.webhook_url})
        refusal = page.create("notifier", "soar", **form(soar))
        assert refusal is not None and "the app does not follow redirects" in refusal
        assert elsewhere.requests == []


def test_a_workflow_of_teams_is_saved_without_a_message(page: SetupPage) -> None:
    with TeamsStandIn() as teams:
        assert page.create("notifier", "soc", type="teams", webhook_url=teams.webhook_url) is None
        assert teams.requests == []
    assert any("not tested" in line for line in page.log())


def test_another_address_or_type_needs_the_secrets_again(page: SetupPage, soar: WebhookStandIn) -> None:
    """What is signed for one receiver would be good at the other, and an address of Teams is a credential itself."""
    assert page.create("notifier", "soar", **form(soar)) is None
    with WebhookStandIn() as elsewhere:
        moved = {"type": "webhook", "webhook_url": elsewhere.webhook_url}
        refusal = page.edit("notifier", "soar", **moved, signing_secret=MASK)
        assert refusal is not None and "'Webhook URL' has changed" in refusal and "Enter 'Signing secret'" in refusal
        refusal = page.edit("notifier", "soar", type="teams", webhook_url=MASK, signing_secret="")
        assert refusal is not None and "'Type' has changed" in refusal and "'Webhook URL'" in refusal
        assert elsewhere.requests == []
        assert page.edit("notifier", "soar", **moved, signing_secret=elsewhere.secrets[0]) is None
        assert len(elsewhere.pings) == 1
        # Whatever else is changed, they stay.
        kept = {"webhook_url": MASK, "signing_secret": MASK}
        assert page.edit("notifier", "soar", type="webhook", proxy="none", **kept) is None
        assert len(elsewhere.pings) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://soar.example.com/hook", "https:///x", "https://me:pw@soar.example.com/", "https://soar.example.com/#x",
        "https://soar.example.com/\\..", "https://soar.example.com:0/", "https://soar.example.com/\u202e", "ftp://a/b",
        "https://169.254.169.254/latest", "https://[fe80::1]/x", "http://10.0.0.1/x", "https://a b/", "",
        "https://soar.example.com/" + "x" * 2_000, "https://[::1",
    ],
)  # fmt: skip
def test_an_address_to_which_nothing_may_go_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match="ebhook URL") as raised:
        NotifierEntry.from_conf("a", {"type": "teams"}, {"webhook_url": url})
    assert url == "" or url not in str(raised.value)


@pytest.mark.parametrize("url", ["https://10.1.2.3/hook?key=a", "https://soar.corp:8443/x", "http://[::1]:8080/x"])
def test_an_address_in_a_private_network_is_an_administrators_choice(url: str) -> None:
    entry = NotifierEntry.from_conf("a", {"type": "teams"}, {"webhook_url": url})
    assert entry.webhook_url.reveal() == url and url not in repr(entry)
