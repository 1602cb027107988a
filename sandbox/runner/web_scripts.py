"""The few scripts of Splunk Web that the pages of a UCC app load, as small as those pages allow."""

from __future__ import annotations

import json

I18N = """(function () {
  var catalog = {}, plural = function (n) { return n === 1 ? 0 : 1; };
  window.i18n_register = function (data) { catalog = data.catalog || {}; plural = data.plural || plural; };
  window._ = window.gettext = function (text) { return catalog['+-' + text] || text; };
  window.ungettext = function (one, many, n) { return plural(n) ? many : one; };
}());
"""
CATALOG = 'i18n_register({"plural": function (n) { return n === 1 ? 0 : 1; }, "catalog": {}});\n'
THEME = "window.__get_theme__ = {getTheme: function () { return Promise.resolve('enterprise'); }};\n"
LAYOUT = """window.__splunk_layout__ = {create: function () {
  return {getContainerElement: function () {
    var element = document.createElement('div');
    document.body.appendChild(element);
    return element;
  }};
}};
"""


def config(user: str, port: int) -> str:
    """``/config?autoload=1``. The root path is empty: with ``/`` the pages would ask for ``//en-US/...``."""
    values = {
        "LOCALE": "en-US",
        "MRSPARKLE_ROOT_PATH": "",
        "MRSPARKLE_PORT_NUMBER": port,
        "SPLUNKD_PATH": "/en-US/splunkd/__raw",
        "USERNAME": user,
        "BUILD_NUMBER": "1",
        "BUILD_PUSH_NUMBER": 0,
        "VERSION_LABEL": "10.0.0",
        "SERVER_ZONEINFO": "",
        "SPLUNKWEB_URL_PREFIX": "",
    }
    return f"window.$C = {json.dumps(values)};\n"


def messages(text: str) -> str:
    """An error in JSON, as splunkd words it."""
    return json.dumps({"messages": [{"type": "ERROR", "text": text}]})
