"""A guest app whose search commands are splunk-sdk's, with its own copy of the SDK, as such apps ship it."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

APP = "sdkapp"
_HEAD = """
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from splunklib.searchcommands import *
"""
_TAIL = "\ndispatch(NAME, sys.argv, sys.stdin, sys.stdout, __name__)\n"
#: The SDK names a command after its class, NAME.
COMMANDS = {
    "sdkgen": """
@Configuration()
class NAME(GeneratingCommand):
    count = Option(validate=validators.Integer(0, 70000), default=2)
    label = Option()

    def generate(self):
        info = self.metadata.searchinfo
        for n in range(self.count):
            yield {"n": n, "label": self.label, "user": info.username, "app": info.app, "several": ["a", "b;$"],
                   "sid": info.sid, "search": info.search, "earliest": info.earliest_time, "_time": 1700000000 + n}
""",
    "sdkdouble": """
@Configuration()
class NAME(StreamingCommand):
    field = Option(require=True, validate=validators.Fieldname())

    def stream(self, records):
        for record in records:
            record["doubled"] = float(record[self.field]) * 2
            yield record
""",
    "sdkfirst": """
@Configuration()
class NAME(EventingCommand):
    def transform(self, records):
        seen = set()
        for record in records:
            if record["kind"] not in seen:
                seen.add(record["kind"])
                yield record
""",
    "sdktotal": """
@Configuration()
class NAME(ReportingCommand):
    def reduce(self, records):
        total = 0
        for record in records:
            total += sum(float(record[name] or 0) for name in self.fieldnames)
        yield {"total": total}
""",
    "sdkmapped": """
@Configuration()
class NAME(ReportingCommand):
    into = Option(require=True)

    @Configuration()
    def map(self, records):
        yield {"part": sum(int(record["n"]) for record in records) * 10}

    def reduce(self, records):
        yield {self.into: sum(int(record["part"]) for record in records)}
""",
    "sdkwho": """
@Configuration()
class NAME(StreamingCommand):
    def stream(self, records):
        for record in records:
            answer = self.service.get("authentication/current-context", output_mode="json")
            record["context"] = answer.body.read().decode()
            yield record
""",
    "sdkfails": """
@Configuration()
class NAME(StreamingCommand):
    def stream(self, records):
        self.write_warning("about to fail")
        for record in records:
            raise ValueError("cannot do it")
            yield record
""",
    "sdkwarns": """
@Configuration()
class NAME(StreamingCommand):
    def stream(self, records):
        self.write_warning("take care")
        self.write_error("one of them is odd")
        return records
""",
}
#: What the SDK asks of the stanza of a command of the first protocol.
PLAIN = """
enableheader = true
outputheader = true
requires_srinfo = true
supports_getinfo = true
supports_multivalues = true
supports_rawargs = true
python.version = python3
"""
#: Without the SDK: what its stanza says, and its script.
OLD = {
    "oldupper": (
        "streaming = true\nmaxinputs = 2\npassauth = true\n",
        """
import os, splunk.Intersplunk as si
rows, _, settings = si.getOrganizedResults()
words, options = si.getKeywordsAndOptions()
for row in rows:
    row["upper"] = row[words[0]].upper() + options["end"]
    row["of"] = "%d in %s" % (len(rows), settings["namespace"])
    row["key"] = str(bool(settings["sessionKey"]))
si.outputResults(rows)
""",
    ),
    "oldmake": (
        "generating = true\nenableheader = false\n",
        'import splunk.Intersplunk as si\nsi.outputResults([{"a": "1", "b": ["x", "y$"]}, {"a": "2"}])\n',
    ),
    "oldask": (
        "supports_getinfo = true\n",
        """
import sys, splunk.Intersplunk as si
asked, sys.argv = si.isGetInfo(sys.argv)
if asked:
    si.outputInfo(False, False, False, False, None)
rows, _, _ = si.getOrganizedResults()
si.outputResults([{"rows": len(rows), "said": sys.argv[1]}])
""",
    ),
    "oldsays": ("", "import splunk.Intersplunk as si\nsi.parseError('Give it a field.')\n"),
    "olddies": ("", "import sys\nprint('bad day', file=sys.stderr)\nsys.exit(3)\n"),
}


def install(home: Path) -> Path:
    """Write the app below ``home/etc/apps``; give back its folder."""
    folder = home / "etc" / "apps" / APP
    (folder / "bin").mkdir(parents=True)
    for name, text in COMMANDS.items():
        for called in (name, f"plain{name[3:]}"):
            (folder / "bin" / f"{called}.py").write_text(
                (_HEAD + text + _TAIL).replace("NAME", f"{called.title()}Command"), encoding="utf-8"
            )
    stanzas = [f"[{name}]\nfilename = {name}.py\nchunked = true\npython.version = python3\n" for name in COMMANDS]
    plain = [f"[plain{name[3:]}]\nfilename = plain{name[3:]}.py{PLAIN}" for name in COMMANDS]
    for name, (settings, script) in OLD.items():
        plain.append(f"[{name}]\nfilename = {name}.py\npython.version = python3\n{settings}")
        (folder / "bin" / f"{name}.py").write_text(script, encoding="utf-8")
    for path, text in {
        "default/app.conf": "[launcher]\nversion = 1.0.0\n",
        "default/commands.conf": "\n".join([*stanzas, *plain]),
        "metadata/default.meta": "[]\naccess = read : [ * ], write : [ admin ]\n[commands]\nexport = system\n"
        "[commands/sdkwho]\naccess = read : [ power ]\n",
    }.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for library in ("splunklib", "deprecation", "packaging"):
        _copy(library, folder / "lib")
    return folder


def _copy(library: str, target: Path) -> None:
    found = importlib.util.find_spec(library)
    assert found is not None and found.origin is not None
    origin = Path(found.origin)
    target.mkdir(exist_ok=True)
    if origin.name == "__init__.py":
        shutil.copytree(origin.parent, target / library, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(origin, target)
