"""Strict doubles of the AWS calls that moto lacks or gets wrong, a file each: they answer before moto does.

A file declares ``DOUBLES``, a function for each (service, operation) as in the API. It gets the parameters by the
service's model and the ``World`` (``sandbox.aws.double``) of the caller's account and region, and returns the answer by
the same model, or raises ``Refused`` with the code that AWS documents. What none of them answers is moto's.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping

from sandbox.aws.double import Answer


@functools.cache
def every() -> Mapping[tuple[str, str], Answer]:
    """All doubles, by service and operation. Two files that answer the same are an error."""
    found: dict[tuple[str, str], Answer] = {}
    for module in pkgutil.iter_modules(__path__):
        declared = importlib.import_module(f"{__name__}.{module.name}").DOUBLES
        twice = found.keys() & declared.keys()
        if twice:
            raise ValueError(f"{module.name} answers {twice}, which another file answers")
        found.update(declared)
    return found
