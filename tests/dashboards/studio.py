"""Splunk's own packages that draw Dashboard Studio: installed once into ``build/``, and bundled for the sandbox's web.

They are half a gigabyte, and only slow tests and the pictures of docs/dashboards.md need them. Nothing of them ships.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tools import build, node

HERE = Path(__file__).resolve().parent
FOLDER = node.ROOT / "build" / "dashboards"
#: What of this folder the bundle is made of.
SOURCES = (".npmrc", "package.json", "package-lock.json", "studio.jsx")
ESBUILD = (
    "studio.jsx", "--outfile=studio.js", "--bundle", "--minify", "--jsx=automatic", "--loader:.js=jsx",
    '--define:process.env.NODE_ENV="production"', "--define:global=window", "--log-level=error",
)  # fmt: skip


def bundle() -> Path:
    """The folder of ``studio.js``. Exits with a message where the packages cannot be had."""
    with build.lock():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in SOURCES:
            shutil.copyfile(HERE / name, FOLDER / name)
        node.packages(FOLDER)
        script = node.packages() / "esbuild" / "bin" / "esbuild"
        node.run([str(node.node()), str(script), *ESBUILD], "The dashboards' packages could not be bundled", FOLDER)
    return FOLDER
