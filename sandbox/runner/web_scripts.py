"""The few scripts of Splunk Web that the pages of a UCC app load, as small as those pages allow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

I18N = """(function () {
  var catalog = {}, plural = function (n) { return n === 1 ? 0 : 1; };
  window.i18n_register = function (data) { catalog = data.catalog || {}; plural = data.plural || plural; };
  window._ = window.gettext = function (text) { return catalog['+-' + text] || text; };
  window.ungettext = function (one, many, n) { return plural(n) ? many : one; };
}());
"""
CATALOG = 'i18n_register({"plural": function (n) { return n === 1 ? 0 : 1; }, "catalog": {}});\n'
LAYOUT = r"""window.__splunk_layout__ = {create: function (options) {
  if (options && options.pageTitle) { document.title = options.pageTitle + ' | Splunk stand-in'; }
  var bar = document.createElement('nav');
  bar.setAttribute('aria-label', 'App');
  bar.style.cssText = 'display:flex;flex-wrap:wrap;gap:0 4px;padding:0 16px;min-height:44px;align-items:center;'
    + 'background:#171d21;font:14px/1.4 system-ui,sans-serif';
  function linked(entry, parent) {
    var link = document.createElement('a');
    link.href = entry.href;
    link.textContent = entry.label;
    var here = entry.href.split('?')[0] === location.pathname;
    if (here) { link.setAttribute('aria-current', 'page'); }
    link.style.cssText = 'display:block;color:#fff;padding:12px;text-decoration:none;border-bottom:3px solid '
      + (here ? '#65a637' : 'transparent');
    parent.appendChild(link);
    return here;
  }
  function menu(entry) {
    var box = document.createElement('div'), button = document.createElement('button'), list = box.cloneNode();
    box.style.cssText = 'position:relative';
    button.textContent = entry.label + ' \u25be';
    button.setAttribute('aria-expanded', 'false');
    list.hidden = true;
    list.style.cssText = 'position:absolute;top:100%;left:0;z-index:1000;min-width:180px;background:#171d21';
    var here = entry.entries.map(function (one) { return linked(one, list); }).some(Boolean);
    button.style.cssText = 'all:unset;cursor:pointer;color:#fff;padding:12px;border-bottom:3px solid '
      + (here ? '#65a637' : 'transparent');
    button.onclick = function () {
      list.hidden = !list.hidden;
      button.setAttribute('aria-expanded', String(!list.hidden));
    };
    box.append(button, list);
    bar.appendChild(box);
  }
  __ENTRIES__.forEach(function (entry) { if (entry.entries) { menu(entry); } else { linked(entry, bar); } });
  var app = document.createElement('span');
  app.textContent = __APP__;
  app.style.cssText = 'margin-left:auto;padding:12px 0;color:#fff';
  bar.appendChild(app);
  document.body.style.margin = '0';
  document.body.appendChild(bar);
  return {getContainerElement: function () {
    var element = document.createElement('div');
    document.body.appendChild(element);
    return element;
  }};
}};
"""


def theme(name: str) -> str:
    """``build/api/get_theme.js``: ``enterprise`` (light) or ``dark``, as the user has chosen it."""
    return f"window.__get_theme__ = {{getTheme: function () {{ return Promise.resolve({json.dumps(name)}); }}}};\n"


def layout(entries: Sequence[Mapping[str, Any]], app: str) -> str:
    """``build/api/layout.js``: the app bar, and room for a page below.

    An entry has a ``label`` and an ``href``, or, for a menu, ``entries``. ``app``: the name at the end of the bar.
    """
    return LAYOUT.replace("__ENTRIES__", _in_script(list(entries))).replace("__APP__", _in_script(app))


def _in_script(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")


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
