"""The pages a person looks at: what a ticket says, and nothing of it alive."""

from __future__ import annotations

import pytest
import requests
from jira_client import Client, document

from sandbox.jira import JiraStandIn, wiki

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def page(jira: JiraStandIn, path: str) -> str:
    answer = requests.get(jira.url + path, timeout=5)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.text


def test_a_ticket_can_be_looked_at(face: Client) -> None:
    face.create(
        summary="Trail stopped", description=face.rich("by mallory"), labels=["ctr-1"], priority={"name": "High"}
    )
    face("POST", "/issue/SEC-1/comment", json={"body": face.rich("logging restarted")})
    link = {"object": {"title": "Results", "url": "https://splunk.example/"}}
    face("POST", "/issue/SEC-1/remotelink", json=link)
    face.jira.move("SEC-1", "In Progress")
    shown = page(face.jira, "/browse/SEC-1")
    for text in ("Trail stopped", "by mallory", "ctr-1", "High", "logging restarted", "In Progress", "Incident"):
        assert text in shown
    assert '<a href="https://splunk.example/"' in shown
    assert '<a href="/browse/SEC-1">SEC-1</a>' in page(face.jira, "/")


def test_nothing_that_an_attacker_wrote_is_alive(face: Client) -> None:
    face.create(summary=EVIL, description=face.rich(EVIL), labels=["<b>"])
    face("POST", "/issue/SEC-1/comment", json={"body": face.rich(EVIL)})
    link = {"object": {"title": EVIL, "url": 'https://a.example/"onclick="alert(1)'}}
    face("POST", "/issue/SEC-1/remotelink", json=link)
    for path in ("/", "/browse/SEC-1"):
        shown = page(face.jira, path)
        assert "<script" not in shown and "<img" not in shown and "<b>x" not in shown and '"onclick' not in shown
        assert "&lt;script&gt;" in shown


def test_a_ticket_that_is_not_there_is_a_404(cloud: Client) -> None:
    assert requests.get(cloud.jira.url + "/browse/SEC-7", timeout=5).status_code == 404
    assert cloud("GET", "/issue/SEC-7").json()["errorMessages"] == [
        "Issue does not exist or you do not have permission to see it."
    ]
    cloud.create(description=document("x"))
    assert requests.get(cloud.jira.url + "/browse/SEC-1", timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("h2. Title", "<h2>Title</h2>"),
        ("a *bold* _word_ {{code}}", "<p>a <strong>bold</strong> <em>word</em> <code>code</code></p>"),
        ("* one\n* two", "<ul><li>one</li><li>two</li></ul>"),
        ("||a|b|", "<table><tbody><tr><th>a</th><td>b</td></tr></tbody></table>"),
        ("[Results|https://a.example/]", '<p><a href="https://a.example/" rel="noreferrer">Results</a></p>'),
        ("[x|javascript:alert(1)]", "<p>[x|javascript:alert(1)]</p>"),
        ("[~admin]", '<p><span class="mention">@admin</span></p>'),
        (r"\*not bold\*", "<p>*not bold*</p>"),
        ("&#42;not bold&#42;", "<p>*not bold*</p>"),
        ("&#60;script&#62;", "<p>&lt;script&gt;</p>"),
        ("{noformat}*a* <b>{noformat}", "<pre><code>*a* &lt;b&gt;</code></pre>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("----", "<hr>"),
        ("{quote}said{quote}", "<blockquote><p>said</p></blockquote>"),
    ],
)
def test_wiki_markup_is_shown_as_jira_shows_it(markup: str, html: str) -> None:
    assert str(wiki.to_html(markup)) == html
