"""What many threads look up in lookups at the same moment, in few requests; and what is known of it for a while."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Callable, Generic, TypeVar

from ..coalescing import Coalescer
from ..errors import ResponderError
from ..remembered import Remembered
from ..splunk.client import Splunkd

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LookedUp(Generic[K, V]):
    """Answers by key, of each KV store that a process asks. One for a process; safe to share between threads."""

    def __init__(self, read: Callable[[Splunkd, Sequence[K]], Mapping[K, V]], seconds: float) -> None:
        """``read``: an answer for each of some keys, never None. ``seconds``: for which an answer counts."""
        self._read = read
        self.known: Remembered[V] = Remembered(seconds)
        self._together: Coalescer[tuple[Splunkd, Sequence[K]], Mapping[K, V]] = Coalescer(self._for_all)

    def of(self, splunkd: Splunkd, keys: Sequence[K]) -> Mapping[K, V]:
        """Not to be changed: others may have the same. Raises the ResponderError that reading them raised."""
        known = self._remembered(splunkd, keys)
        return known if len(known) == len(set(keys)) else self._together.ask((splunkd, keys))

    def _remembered(self, splunkd: Splunkd, keys: Sequence[K]) -> dict[K, V]:
        found = ((key, self.known.get((splunkd.uri, key))) for key in keys)
        return {key: value for key, value in found if value is not None}

    def _for_all(self, asked: Sequence[tuple[Splunkd, Sequence[K]]]) -> Sequence[Mapping[K, V] | Exception]:
        answers: dict[str, dict[K, V]] = {}
        errors: dict[str, ResponderError] = {}
        for splunkd, _ in asked:
            if splunkd.uri in answers:
                continue
            wanted = [key for other, keys in asked if other.uri == splunkd.uri for key in keys]
            # Whoever came while the last answer was under way takes that.
            answers[splunkd.uri] = self._remembered(splunkd, wanted)
            missing = [key for key in dict.fromkeys(wanted) if key not in answers[splunkd.uri]]
            try:
                found = self._read(splunkd, missing) if missing else {}
            except ResponderError as error:
                errors[splunkd.uri] = error
                continue
            for key, value in found.items():
                self.known.put((splunkd.uri, key), value)
            answers[splunkd.uri].update(found)
        return [errors.get(splunkd.uri) or {key: answers[splunkd.uri][key] for key in keys} for splunkd, keys in asked]
