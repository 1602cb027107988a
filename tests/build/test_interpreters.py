"""The shipped code on Splunk's two Pythons, with nothing on the path but the standard library and the app."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tools import aws_models, playbooks

SHIMS = Path(__file__).resolve().parents[2] / "sandbox" / "runner" / "shims"
#: What optional parts of the libraries want and the app does not ship, or another operating system has.
ABSENT = {
    "OpenSSL", "Security", "aiohttp", "awscrt", "docutils", "gaecontrib", "keyring", "lxml", "ntlm", "slack", "winreg",
}  # fmt: skip

IMPORT_ALL = """
import importlib, json, os, sys, warnings
warnings.simplefilter("ignore")
app, shims = sys.argv.pop(), sys.argv.pop()
roots = [os.path.join(app, "lib"), os.path.join(app, "bin")]
sys.path[:0] = [shims, *roots]
# splunktaucclib reads the app's name from the path of the script that was started.
sys.modules["__main__"].__file__ = os.path.join(app, "bin", "started.py")
problems, count = {}, 0
for root in roots:
    for folder, folders, files in sorted(os.walk(root)):
        for file in sorted(files):
            name = os.path.relpath(os.path.join(folder, file), root)[:-3].replace(os.sep, ".")
            if not file.endswith(".py") or file == "__main__.py":
                continue
            count += 1
            try:
                importlib.import_module(name[:-9] if name.endswith(".__init__") else name)
            except BaseException as error:
                problems[name] = f"{type(error).__name__}: {error}"
print(json.dumps([count, problems]))
"""

MAKE_CLIENTS = """
import json, sys
app, services = sys.argv.pop(), json.loads(sys.argv.pop())
sys.path[:0] = [app + "/lib", app + "/bin"]
import boto3
session = boto3.session.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="eu-central-1")
print(json.dumps({name: sorted(session.client(name).meta.service_model.operation_names) for name in services}))
"""


def run(interpreter: Path, script: str, *arguments: str) -> Any:
    """What a script prints, as JSON; -I -S: no site-packages, no environment, no current folder."""
    command = [str(interpreter), "-I", "-S", "-B", "-c", script, *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_every_shipped_module_imports(app_dir: Path, interpreter: Path) -> None:
    count, problems = run(interpreter, IMPORT_ALL, str(SHIMS), str(app_dir))
    assert count > 300
    unexpected = {name: why for name, why in problems.items() if not (in_lib(app_dir, name) and excused(why))}
    assert unexpected == {}


def in_lib(app_dir: Path, module: str) -> bool:
    return (app_dir / "lib" / module.replace(".", "/")).with_suffix(".py").exists()


def excused(why: str) -> bool:
    return "Only macOS is supported" in why or any(f"'{name}'" in why for name in ABSENT)


def test_every_aws_client_can_be_made(app_dir: Path, interpreter: Path) -> None:
    services = aws_models.used(playbooks.SOURCES).services
    operations = run(interpreter, MAKE_CLIENTS, json.dumps(services), str(app_dir))
    assert set(operations) == set(services)
    assert all(operations.values())
