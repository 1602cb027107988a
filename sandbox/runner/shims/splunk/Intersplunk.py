# mypy: ignore-errors
"""splunk.Intersplunk: what search commands of the first protocol without the SDK read and write with.

As far as Splunk's own scripts and its "Custom search commands" pages of old show it: CSV with an optional header of
``name:value`` lines in, CSV out; values of a field with several stand in ``__mv_`` columns.
"""

import csv
import re
import sys
from urllib.parse import unquote

_VALUE = re.compile(r"\$((?:[^$]|\$\$)*)\$(?:;|$)")


def readResults(input_buf=None, settings=None, has_header=True):
    """The rows as dictionaries; a field with several values has a list. ``settings`` takes the header."""
    stream = input_buf or sys.stdin
    if has_header:
        for line in stream:
            line = line.rstrip("\r\n")
            if not line:
                break
            name, _, value = line.partition(":")
            if settings is not None:
                settings[name] = unquote(value)
    found = []
    for row in csv.DictReader(stream):
        for name in [name for name in row if name.startswith("__mv_")]:
            encoded = row.pop(name)
            if encoded:
                row[name[len("__mv_") :]] = [one.replace("$$", "$") for one in _VALUE.findall(encoded)]
        found.append(row)
    return found


def getOrganizedResults(input_str=None):
    """(rows, [], settings), where the header is."""
    settings = {}
    return readResults(input_str, settings, True), [], settings


def outputResults(results, messages=None, fields=None, mvdelim="\n", outputfile=None):
    stream = outputfile or sys.stdout
    if messages:
        for name, value in messages.items():
            stream.write(f"{name}={value}\n")
        stream.write("\n")
    names = list(fields or dict.fromkeys(name for row in results for name in row))
    several = [name for name in names if any(isinstance(row.get(name), (list, tuple)) for row in results)]
    writer = csv.writer(stream, lineterminator="\n")
    if names:
        writer.writerow([*names, *(f"__mv_{name}" for name in several)])
    for row in results:
        values = [row.get(name, "") for name in names]
        texts = [mvdelim.join(map(str, one)) if isinstance(one, (list, tuple)) else one for one in values]
        writer.writerow([*texts, *(_encoded(row.get(name)) for name in several)])


def _encoded(value):
    if not isinstance(value, (list, tuple)):
        return ""
    return ";".join("$" + str(one).replace("$", "$$") + "$" for one in value)


def generateErrorResults(errorStr):
    return [{"ERROR": errorStr}]


def parseError(msg):
    outputResults(generateErrorResults(msg))
    sys.exit(0)


def getKeywordsAndOptions(calling=None):
    """Of the command line: words, and ``name=value``."""
    keywords, options = [], {}
    for word in sys.argv[1:]:
        name, equals, value = word.partition("=")
        if equals:
            options[name] = value.strip('"')
        else:
            keywords.append(word)
    return keywords, options


def isGetInfo(args):
    """(whether the command is asked about itself, the arguments without the word that says so)."""
    if len(args) < 2 or args[1] not in ("__GETINFO__", "__EXECUTE__"):
        parseError("Missing __GETINFO__ or __EXECUTE__: set supports_getinfo = true in commands.conf.")
    return args[1] == "__GETINFO__", [args[0], *args[2:]]


def outputInfo(streaming, generating, retevs, reqsop, preop, timeorder=False, clear_req_fields=False, req_fields=None):
    """Answer ``__GETINFO__``, and end."""
    said = {
        "streaming": streaming, "generating": generating, "retainsevents": retevs, "requires_preop": reqsop,
        "overrides_timeorder": timeorder, "clear_required_fields": clear_req_fields,
    }  # fmt: skip
    answer = {name: "1" if value else "0" for name, value in said.items()}
    answer["streaming_preop"] = preop or ""
    answer["required_fields"] = ",".join(req_fields or [])
    outputResults([answer])
    sys.exit(0)
