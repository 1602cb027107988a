"""Splunk Web as far as it goes: login, templates, static files, and a door to splunkd that is locked to strangers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sandbox.runner.handlers import AppHandlers
from sandbox.runner.host import Host
from sandbox.runner.scheduler import Scheduler
from sandbox.runner.web import Web
from sandbox.splunkd import Splunkd

VIEW = '<view template="guest:/templates/page.html" type="html"><label>Page</label></view>'
RAW = "/en-US/splunkd/__raw/servicesNS/nobody/guest"


@pytest.fixture
def web(host: Host, handlers: AppHandlers) -> Iterator[Web]:
    folder = host.app_folder("guest")
    files = {
        "default/data/ui/views/page.xml": VIEW,
        "default/data/ui/views/board.xml": "<dashboard/>",
        "default/data/ui/nav/default.xml": '<nav><view name="page" default="true"/></nav>',
        "appserver/templates/page.html": "<html>the page</html>",
        "appserver/static/a.js": "let a;",
        "local/secret.txt": "secret",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with Web(host) as server:
        yield server


@pytest.fixture
def browser(web: Web, splunkd: Splunkd) -> requests.Session:
    """Logged in as the administrator, as the page's scripts would be."""
    session = requests.Session()
    user, password = splunkd.admin
    answer = session.post(f"{web.url}/en-US/account/login", data={"username": user, "password": password}, timeout=10)
    assert answer.ok
    session.headers["X-Splunk-Form-Key"] = session.cookies[f"splunkweb_csrf_token_{web.port}"]
    return session


def test_pages_ask_for_a_login_and_lead_back(web: Web, splunkd: Splunkd) -> None:
    session = requests.Session()
    login = session.get(f"{web.url}/en-US/app/guest/page", timeout=10)
    assert login.url.startswith(f"{web.url}/en-US/account/login?return_to=") and "Password" in login.text
    user, password = splunkd.admin
    form = {"username": user, "password": password, "return_to": "/en-US/app/guest/page"}
    assert session.post(login.url, data=form, timeout=10).text == "<html>the page</html>"


def test_a_wrong_password_is_refused(web: Web) -> None:
    answer = requests.post(f"{web.url}/en-US/account/login", data={"username": "admin", "password": "x"}, timeout=10)
    assert answer.status_code == 401 and "Login failed" in answer.text and not answer.cookies


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"])
def test_login_leads_nowhere_else(web: Web, splunkd: Splunkd, target: str) -> None:
    form = {"username": splunkd.admin[0], "password": splunkd.admin[1], "return_to": target}
    answer = requests.post(f"{web.url}/en-US/account/login", data=form, timeout=10, allow_redirects=False)
    assert answer.headers["Location"] == "/en-US/"


def test_the_app_leads_to_its_default_view(web: Web, browser: requests.Session) -> None:
    assert browser.get(f"{web.url}/app/guest/", timeout=10).url == f"{web.url}/en-US/app/guest/page"
    assert "guest" in browser.get(web.url, timeout=10).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/en-US/static/@1/app/guest/a.js", 200),
        ("/en-US/static/app/guest/a.js", 200),
        ("/en-US/static/@1/app/guest/../../local/secret.txt", 404),
        ("/en-US/static/@1/app/guest/%2e%2e/%2e%2e/local/secret.txt", 404),
        ("/en-US/static/@1/app/..%2fguest/a.js", 404),
        ("/en-US/app/guest/nothing", 404),
        ("/en-US/app/guest/board", 501),
        ("/en-US/static/@1/js/i18n.js", 200),
        ("/en-US/static/@1/js/other.js", 404),
        ("/en-US/config?autoload=1", 200),
    ],
)
def test_what_is_served(web: Web, browser: requests.Session, path: str, status: int) -> None:
    request = browser.prepare_request(requests.Request("GET", web.url))
    request.url = web.url + path
    assert browser.send(request, timeout=10).status_code == status


def test_a_template_with_mako_code_is_refused(web: Web, browser: requests.Session, host: Host) -> None:
    (host.app_folder("guest") / "appserver/templates/page.html").write_text("${user}")
    assert browser.get(f"{web.url}/en-US/app/guest/page", timeout=10).status_code == 501


def test_the_door_passes_requests_on_with_the_users_rights(web: Web, browser: requests.Session) -> None:
    url = f"{web.url}/en-US/splunkd/__raw/services/authentication/current-context?output_mode=json"
    assert browser.get(url, timeout=10).json()["entry"][0]["content"]["username"] == "admin"
    answer = browser.post(f"{web.url}{RAW}/guest/ask?output_mode=json", json={}, timeout=30)
    assert answer.status_code == 201 and answer.json()["request"]["session"]["user"] == "admin"


def test_the_door_is_locked_without_login_and_without_the_form_key(web: Web, browser: requests.Session) -> None:
    assert requests.get(f"{web.url}{RAW}/guest/ask", timeout=10).status_code == 401
    del browser.headers["X-Splunk-Form-Key"]
    answer = browser.post(f"{web.url}{RAW}/guest/ask", timeout=10)
    assert answer.status_code == 401 and "CSRF" in answer.json()["messages"][0]["text"]


def test_only_exposed_endpoints_of_an_app_are_reached(web: Web, browser: requests.Session) -> None:
    answer = browser.get(f"{web.url}{RAW}/guest_things?output_mode=json", timeout=10)
    assert answer.status_code == 404 and "web.conf does not expose" in answer.json()["messages"][0]["text"]
    assert browser.delete(f"{web.url}{RAW}/guest/ask", timeout=10).status_code == 404


def test_the_link_of_an_alert_shows_its_results(
    web: Web, browser: requests.Session, splunkd: Splunkd, host: Host
) -> None:
    splunkd.confs.set(
        "savedsearches",
        "guest",
        "hostile",
        {"search": '| makeresults | eval user="<script>alert(1)</script>" | table user'},
    )
    sid = Scheduler(host).run_search("hostile").sid
    page = browser.get(f"{web.url}/app/guest/@go?sid={sid}", timeout=10).text
    assert "hostile" in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page
    assert browser.get(f"{web.url}/app/guest/@go?sid=gone", timeout=10).status_code == 404
