# mypy: ignore-errors
"""splunk.clilib.cli_common: merged configuration, read from the files as ``splunk btool`` does."""

import os
import urllib.parse


def getConfStanzas(confName):
    """{stanza: {key: value}} of system and apps, default then local; of apps, the first in the alphabet wins."""
    stanzas = {}
    for path in _files(confName):
        current = "default"
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                line = line.strip()
                if line.startswith("[") and line.endswith("]"):
                    current = line[1:-1]
                    stanzas.setdefault(current, {})
                elif line and not line.startswith("#") and "=" in line:
                    key, _, value = line.partition("=")
                    stanzas.setdefault(current, {})[key.strip()] = value.strip()
    for stanza, key, value in _of_instance().get(confName, ()):
        stanzas.setdefault(stanza, {})[key] = value
    return stanzas


def getMergedConf(confName):
    return getConfStanzas(confName)


def _of_instance():
    """What splunkd knows of itself beyond its files."""
    uri = urllib.parse.urlsplit(os.environ["SPLUNKD_URI"])
    return {
        "web": [("settings", "mgmtHostPort", uri.netloc)],
        "server": [("sslConfig", "enableSplunkdSSL", "true" if uri.scheme == "https" else "false")],
    }


def getConfStanza(confName, stanza):
    return getConfStanzas(confName)[stanza]


def getConfKeyValue(confName, stanza, key):
    """One value; KeyError when it is not set."""
    values = getConfStanzas(confName).get(stanza, {})
    if (confName, stanza, key) == ("server", "general", "serverName") and key not in values:
        return os.environ["SPLUNK_SERVER_NAME"]
    return values[key]


def getMgmtUri():
    return os.environ["SPLUNKD_URI"]


def _files(confName):
    etc = os.path.join(os.environ["SPLUNK_HOME"], "etc")
    apps = os.path.join(etc, "apps")
    names = sorted(os.listdir(apps), reverse=True) if os.path.isdir(apps) else []
    folders = [os.path.join(etc, "system", "default")]
    folders += [os.path.join(apps, name, layer) for layer in ("default", "local") for name in names]
    folders.append(os.path.join(etc, "system", "local"))
    paths = [os.path.join(folder, confName + ".conf") for folder in folders]
    return [path for path in paths if os.path.isfile(path)]
