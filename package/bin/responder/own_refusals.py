"""What our own account may not read or do is no reason to refuse what a person has answered: it is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import MayNotAnswer, ResponderError, Unavailable


@contextmanager
def tried_again(*refusals: type[ResponderError]) -> Iterator[None]:
    """Raises Unavailable in place of ``refusals``, but for MayNotAnswer, which is about the person."""
    try:
        yield
    except MayNotAnswer:
        raise
    except refusals as error:
        raise Unavailable(error.message, error.hint) from error
