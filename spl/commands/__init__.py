"""The commands, a module per family. Adding a module adds its commands (see ``spl.stage``)."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from ..errors import SplRejected, SplUnsupported
from ..stage import REGISTRY, Command

#: Commands of Splunk (searchbnf.conf) that are not built here.
_NOT_BUILT = """
abstract analyzefields anomalies anomalousvalue anomalydetection arules associate autoregress cluster cofilter collect
concurrency contingency correlate datamodel dbinspect delete diff erex eventcount extract fieldsummary findtypes
folderize from gauge gentimes geom geomfilter geostats highlight history iconify inputcsv kmeans kv kvform loadjob
localize localop makecontinuous map mcatalog mcollect metadata meventcollect mpreview msearch mstats multikv outlier
outputcsv outputtext overlap pivot predict redistribute reltime rest rtorder runshellscript savedsearch script scrub
searchtxn selfjoin sendalert sendemail set setfields sichart sirare sistats sitimechart sitop tags timewrap tojson
trendline tscollect tstats typeahead typelearner typer walklex x11 xmlkv xmlunescape xpath xsDisplay
"""
UNSUPPORTED = frozenset(_NOT_BUILT.split())


@lru_cache(maxsize=1)
def _load() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def find(name: str) -> Command:
    """Raises SplRejected for no command of Splunk's, SplUnsupported for one that is not built here."""
    _load()
    if name in REGISTRY:
        return REGISTRY[name]
    if name in UNSUPPORTED:
        raise SplUnsupported(f"The command '{name}' is not supported.")
    raise SplRejected(f"Unknown search command '{name}'.")


def supported() -> list[str]:
    _load()
    return sorted(REGISTRY)
