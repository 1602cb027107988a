"""Splunk Web, as far as the pages of a UCC app need it: login, the app's templates and static files, a door to splunkd.

A session is kept by two cookies, as Splunk Web does: one that scripts cannot read, and ``splunkweb_csrf_token_<port>``,
whose value must come back as the header ``X-Splunk-Form-Key`` with every request that changes something.
"""

from __future__ import annotations

import fnmatch
import hmac
import logging
import re
import secrets
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from jinja2 import Environment, PackageLoader
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.security import safe_join
from werkzeug.serving import make_server
from werkzeug.utils import redirect, send_file
from werkzeug.wrappers import Request, Response

from sandbox.splunkd import restmap

from . import web_alerts, web_scripts
from .host import Host

_RAW = "/en-US/splunkd/__raw"
_PASSED_ON = ("Content-Type", "Accept")
_APP_PAGE = re.compile(r"^/[a-z]{2}-[A-Z]{2}/app/([^/]+)/")
_PAGES = Environment(loader=PackageLoader("sandbox.runner"), autoescape=True)


@dataclass(frozen=True)
class Session:
    """Who is logged in to the web: the splunkd session behind it, and the token its pages must show."""

    user: str
    key: str
    form_key: str


class Web:
    """Serves on ``127.0.0.1`` until ``stop()``. Log in with a user of splunkd."""

    def __init__(self, host: Host, port: int = 0) -> None:
        self.host = host
        self.log = logging.getLogger("sandbox.web")
        #: As every user has chosen it: ``enterprise`` (light) or ``dark``.
        self.theme = "enterprise"
        #: A folder with ``studio.js``, which draws views of Dashboard Studio; without one they are not served.
        self.studio: Path | None = None
        self._sessions: dict[str, Session] = {}
        self._wanted_port = port
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._splunkd = requests.Session()
        ca = host.home / "etc" / "auth" / "cacert.pem"
        self._verify: Any = str(ca) if ca.is_file() else True
        self._map = Map(
            [
                Rule("/", endpoint=self._home),
                Rule("/en-US/", endpoint=self._home),
                Rule("/app/<path:rest>", endpoint=self._without_locale),
                Rule("/en-US/account/login", endpoint=self._login),
                Rule("/en-US/config", endpoint=self._config),
                Rule("/en-US/i18ncatalog", endpoint=self._catalog),
                Rule("/en-US/static/app/<app>/<path:file>", endpoint=self._static),
                Rule("/en-US/static/<stamp>/app/<app>/<path:file>", endpoint=self._static),
                Rule("/en-US/static/<stamp>/<path:file>", endpoint=self._script),
                Rule("/en-US/app/<app>/", endpoint=self._default_view),
                Rule("/en-US/app/<app>/@go", endpoint=self._results),
                Rule("/en-US/app/<app>/alert", endpoint=self._alert),
                Rule("/en-US/app/<app>/<view>", endpoint=self._view),
                Rule(_RAW + "/<path:target>", endpoint=self._raw),
            ],
            merge_slashes=False,
        )

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self) -> Web:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", self._wanted_port, self._application, threaded=True)
        self._wanted_port = self._server.server_port
        self.host.web_url = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, name="sandbox-web", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def __enter__(self) -> Web:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._wanted_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- one request --------------------------------------------------------------------------------------------

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        try:
            function, values = self._map.bind_to_environ(environ).match()
            response = function(request, **values)
        except NotFound:
            self.log.warning("UNKNOWN PAGE: the sandbox's web knows no %s %s", request.method, request.path)
            response = _page("message.html", 404, title="Not found", text=f"There is no {request.path} here.")
        except HTTPException as error:
            response = Response(str(error), status=error.code or 500)
        return response(environ, start_response)

    def _session(self, request: Request) -> Session | None:
        return self._sessions.get(request.cookies.get(f"session_id_{self.port}", ""))

    def _home(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return self._to_login(request)
        apps = [
            {"name": app, "label": self._label(app), "views": sorted(self._views(app))}
            for app in self.host.confs.apps()
            if self._views(app)
        ]
        return _page("home.html", apps=apps, user=session.user)

    def _without_locale(self, request: Request, rest: str) -> Response:
        query = request.query_string.decode()
        return redirect(f"/en-US/app/{quote(rest, safe='/@')}{'?' + query if query else ''}")

    def _to_login(self, request: Request) -> Response:
        return redirect(f"/en-US/account/login?return_to={quote(request.full_path.rstrip('?'), safe='')}")

    def _login(self, request: Request) -> Response:
        return_to = request.values.get("return_to", "/en-US/")
        if urlsplit(return_to).netloc or not return_to.startswith("/") or return_to[1:2] in ("/", "\\"):
            return_to = "/en-US/"
        if request.method != "POST":
            return _page("login.html", return_to=return_to)
        user = request.form.get("username", "")
        credentials = {"username": user, "password": request.form.get("password", ""), "output_mode": "json"}
        answer = self._splunkd.post(
            f"{self.host.splunkd.uri}/services/auth/login", data=credentials, timeout=30, verify=self._verify
        )
        if answer.status_code != 200:
            return _page("login.html", 401, return_to=return_to, error="Login failed: wrong username or password.")
        token, session = secrets.token_urlsafe(32), Session(user, answer.json()["sessionKey"], secrets.token_hex(16))
        self._sessions[token] = session
        response = redirect(return_to)
        response.set_cookie(f"session_id_{self.port}", token, httponly=True, samesite="Lax")
        response.set_cookie(f"splunkweb_csrf_token_{self.port}", session.form_key, samesite="Lax")
        return response

    # --- pages --------------------------------------------------------------------------------------------------

    def _views(self, app: str) -> dict[str, Path]:
        """The app's views by name; a file in ``local`` hides that in ``default``."""
        folders = [self.host.app_folder(app) / part / "data" / "ui" / "views" for part in ("default", "local")]
        return {path.stem: path for folder in folders for path in sorted(folder.glob("*.xml"))}

    def _label(self, app: str) -> str:
        ui = self.host.confs.layer(app, "default", "app").get("ui", {})
        return ui.get("label") or app

    def _default_view(self, request: Request, app: str) -> Response:
        nav = self._nav(app) if self._safe_app(app) else None
        if nav is not None:
            for view in nav.iter("view"):
                if view.get("default") == "true":
                    return redirect(f"/en-US/app/{quote(app)}/{quote(view.get('name', ''))}")
        raise NotFound

    def _view(self, request: Request, app: str, view: str) -> Response:
        path = self._views(app).get(view) if self._safe_app(app) else None
        if path is None:
            raise NotFound
        session = self._session(request)
        if session is None:
            return self._to_login(request)
        if not self._may_read(session, app, view):
            raise NotFound
        root = ET.parse(path).getroot()
        if self.studio and root.tag == "dashboard" and root.get("version") == "2":
            dark = self.theme == "dark" or root.get("theme") == "dark"
            drawn = {"app": app, "theme": "dark" if dark else "light", "definition": root.findtext("definition", "")}
            return _page("studio.html", title=root.findtext("label", view), drawn=drawn)
        owner, separator, template = root.get("template", "").partition(":/templates/")
        file = safe_join(str(self.host.app_folder(owner) / "appserver" / "templates"), template) if separator else None
        if not file or not self._safe_app(owner) or not Path(file).is_file():
            return _page("message.html", 501, title=view, text="The sandbox serves an app's templates, no dashboards.")
        text = Path(file).read_text(encoding="utf-8")
        if "<%" in text or "${" in text:
            return _page("message.html", 501, title=view, text="This template has Mako code; the sandbox runs none.")
        return Response(text, content_type="text/html; charset=utf-8")

    def _alert(self, request: Request, app: str) -> Response:
        """``alert?s=<name of a saved search>``: the form of its alert actions."""
        session, name = self._session(request), request.args.get("s", "")
        if not name or not self._safe_app(app):
            raise NotFound
        if session is None:
            return self._to_login(request)
        found = web_alerts.actions(self.host)
        defaults = {field: value for action in found for field, value in action["defaults"].items()}
        made = {"user": session.user, "app": app, "name": name, "defaults": defaults}
        return _page("alert.html", name=name, actions=found, made=made)

    def _results(self, request: Request, app: str) -> Response:
        """``@go?sid=``: where the link in an alert leads."""
        session = self._session(request)
        if session is None:
            return self._to_login(request)
        sid = request.args.get("sid", "")
        job, rows = (
            self._splunkd.get(
                f"{self.host.splunkd.uri}/services/search/jobs/{quote(sid, safe='')}{path}",
                params={"output_mode": "json", "count": "0"},
                verify=self._verify,
                timeout=30,
                headers={"Authorization": f"Splunk {session.key}"},
            )
            for path in ("", "/results")
        )
        if job.status_code != 200 or rows.status_code != 200:
            return _page("message.html", 404, title="No such search", text="The search is unknown or has expired.")
        (entry,), found = job.json()["entry"], rows.json()
        about = entry["content"]
        return _page(
            "results.html",
            name=about.get("label") or sid,
            sid=sid,
            search=about.get("search") or entry["name"],
            fields=[field["name"] for field in found["fields"]],
            rows=found["results"],
        )

    # --- scripts and files --------------------------------------------------------------------------------------

    def _config(self, request: Request) -> Response:
        session = self._session(request)
        return _script(web_scripts.config(session.user if session else "", self.port))

    def _catalog(self, request: Request) -> Response:
        return _script(web_scripts.CATALOG)

    def _script(self, request: Request, stamp: str, file: str) -> Response:
        known = {
            "js/i18n.js": web_scripts.I18N,
            "build/api/get_theme.js": web_scripts.theme(self.theme),
        }
        if file in ("build/api/layout.js", "build/api/layout-dark.js"):
            return _script(web_scripts.layout(*self._bar(request)))
        if file == "studio.js" and self.studio:
            return send_file(self.studio / file, request.environ)
        if file not in known:
            raise NotFound
        return _script(known[file])

    def _bar(self, request: Request) -> tuple[list[dict[str, Any]], str]:
        """The app bar of the page that a script is loaded by, with the views that the user may read; and the app."""
        session, match = self._session(request), _APP_PAGE.search(urlsplit(request.headers.get("Referer", "")).path)
        if session is None or match is None or not self._safe_app(match[1]):
            return [], ""
        nav = self._nav(match[1])
        return self._entries(session, match[1], nav if nav is not None else ()), self._label(match[1])

    def _entries(self, session: Session, app: str, nav: Iterable[ET.Element]) -> list[dict[str, Any]]:
        """A menu of nothing that the user may read is left out."""
        views, entries = self._views(app), list[dict[str, Any]]()
        for one in nav:
            name, label = one.get("name", ""), one.get("label", "")
            if one.tag == "collection" and (inside := self._entries(session, app, one)):
                entries.append({"label": label, "entries": inside})
            elif one.tag == "a":
                entries.append({"label": one.text or "", "href": f"/en-US{one.get('href', '')}"})
            elif one.tag == "view" and name in views and self._may_read(session, app, name):
                label = ET.parse(views[name]).getroot().findtext("label") or name
                entries.append({"label": label, "href": f"/en-US/app/{quote(app)}/{quote(name)}"})
        return entries

    def _nav(self, app: str) -> ET.Element | None:
        nav = self.host.app_folder(app) / "default" / "data" / "ui" / "nav" / "default.xml"
        return ET.parse(nav).getroot() if nav.is_file() else None

    def _may_read(self, session: Session, app: str, view: str) -> bool:
        identity = self.host.splunkd.access.identify(session.key)
        return identity is not None and identity.allowed(self.host.confs.metadata.acl(app, "views", view).read)

    def _static(self, request: Request, app: str, file: str, stamp: str = "") -> Response:
        path = safe_join(str(self.host.app_folder(app) / "appserver" / "static"), file) if self._safe_app(app) else None
        if not path or not Path(path).is_file():
            raise NotFound
        return send_file(path, request.environ)

    def _safe_app(self, app: str) -> bool:
        return app in self.host.confs.apps()

    # --- the door to splunkd ------------------------------------------------------------------------------------

    def _raw(self, request: Request, target: str) -> Response:
        session = self._session(request)
        if session is None:
            return _problem(401, "Splunk cannot authenticate the request. Log in again.")
        if request.method not in ("GET", "HEAD") and not hmac.compare_digest(
            request.headers.get("X-Splunk-Form-Key", ""), session.form_key
        ):
            return _problem(401, "Splunk cannot authenticate the request. CSRF validation failed.")
        # As it was sent: decoding and encoding anew would turn %2F into a path separator.
        raw = str(request.environ["RAW_URI"]).partition("?")[0][len(_RAW) :]
        if not self._exposed(request.method, target):
            self.log.warning("NOT EXPOSED: web.conf exposes no %s %s", request.method, target)
            return _problem(404, f"web.conf does not expose {request.method} {target}.")
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        answer = self._splunkd.request(
            request.method,
            f"{self.host.splunkd.uri}{raw}",
            params=request.query_string.decode(),
            data=request.get_data(),
            timeout=330,
            headers={**headers, "Authorization": f"Splunk {session.key}"},
            verify=self._verify,
            allow_redirects=False,
        )
        return Response(answer.content, answer.status_code, content_type=answer.headers.get("Content-Type"))

    def _exposed(self, method: str, target: str) -> bool:
        """An app's own endpoint must be exposed in web.conf; splunkd's own are."""
        segments = target.strip("/").split("/")
        segments = segments[3:] if segments[0] == "servicesNS" else segments[1:]
        if restmap.find(self.host.confs, segments) is None:
            return True
        for name, stanza in self.host.confs.merged("web", None).items():
            pattern = stanza.values.get("pattern", "").strip("/").split("/")
            methods = stanza.values.get("methods", "GET").upper().replace(",", " ").split()
            if (
                name.startswith("expose:")
                and method in methods
                and len(pattern) == len(segments)
                and all(fnmatch.fnmatchcase(part, wanted) for part, wanted in zip(segments, pattern))
            ):
                return True
        return False


def _page(template: str, status: int = 200, /, **values: Any) -> Response:
    text = _PAGES.get_template(template).render(**values)
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def _script(text: str) -> Response:
    return Response(text, content_type="application/javascript; charset=utf-8")


def _problem(status: int, text: str) -> Response:
    """An error in the shape that splunkd's own have."""
    body = Response(status=status, content_type="application/json; charset=utf-8")
    body.set_data(web_scripts.messages(text))
    return body
