"""What a person sees, what is alive in a message, and that the page itself is not."""

from __future__ import annotations

import pytest
import requests
from slack_blocks import section
from slack_sdk import WebClient

from sandbox.slack import SlackStandIn, mrkdwn


def test_messages_and_threads_are_shown(client: WebClient, slack: SlackStandIn) -> None:
    parent = client.chat_postMessage(
        channel="general", text="x", blocks=[section("*Trail* stopped by &lt;mallory&gt;")]
    )
    client.chat_postMessage(channel="general", text="put right", thread_ts=parent["ts"])
    shown = requests.get(slack.url, timeout=5).text
    assert "<strong>Trail</strong> stopped by &lt;mallory&gt;" in shown
    assert "put right" in shown and "1 reply" in shown
    assert "notifies people" not in shown
    assert requests.get(slack.url + "/archives/C0NOWHERE1", timeout=5).status_code == 404


def test_an_unescaped_mention_is_seen_at_once(client: WebClient, slack: SlackStandIn) -> None:
    client.chat_postMessage(channel="general", text="user <!channel> <@U0ALICE001> <http://evil.example|good>")
    (message,) = slack.messages("general")
    assert message.mentions == ["<!channel>", "<@U0ALICE001>"]
    assert message.live == ["<!channel>", "<@U0ALICE001>", "<http://evil.example|good>"]
    shown = requests.get(slack.url, timeout=5).text
    assert '<span class="broadcast">@channel</span>' in shown
    assert '<span class="broadcast">@Alice Arnold</span>' in shown
    assert "notifies people: &lt;!channel&gt;" in shown


def test_mentions_in_blocks_and_by_name_count_too(client: WebClient, slack: SlackStandIn) -> None:
    broadcast = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]}
    client.chat_postMessage(channel="general", text="x", blocks=[{"type": "rich_text", "elements": [broadcast]}])
    client.chat_postMessage(channel="general", text="@channel, @alice", link_names=True)
    client.chat_postMessage(channel="general", text="@channel, @alice", link_names=False)
    client.chat_postMessage(channel="general", text="x", blocks=[section("<!here>", kind="plain_text")])
    assert [message.mentions for message in slack.messages("general")] == [["<!here>"], ["@channel", "@alice"], [], []]


def test_the_page_itself_is_not_alive(client: WebClient, slack: SlackStandIn) -> None:
    evil = "<script>alert(1)</script> &lt;img src=x onerror=alert(1)&gt; <javascript:alert(1)|click>"
    client.chat_postMessage(channel="general", text=evil)
    client.chat_postMessage(channel="general", text="x", blocks=[section(evil), section(evil, kind="plain_text")])
    answer = requests.get(slack.url, timeout=5)
    assert "<script" not in answer.text and "<img" not in answer.text and 'href="javascript' not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~no~ `code`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>code</code>"),
        ("a*b*c 2_3_4", "a*b*c 2_3_4"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
        ("<https://a.example|A>", '<a href="https://a.example" title="https://a.example" rel="noreferrer">A</a>'),
        ("<#C1|ops>", '<span class="channel">#ops</span>'),
        ("one\ntwo", "one<br>two"),
    ],
)
def test_mrkdwn_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert str(mrkdwn.to_html(text)) == html
