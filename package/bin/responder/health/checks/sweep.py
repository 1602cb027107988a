"""Does the sweep run, does it reach every place, and which accounts and regions could it not read?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .. import sweep_rounds
from ..line import Check, Line, amber, green, name, red, some, span
from ..surroundings import Surroundings
from ..sweep_rounds import Round

SCHEME, PLACES = "responder_sweep://", "responder_sweep"
#: Intervals without a round after which a sweep is silent, and seconds that it gets at least.
MISSED, LEAST = 4, 600.0
#: Seconds for which rounds may leave places to the next one: a first look takes several.
CATCHES_UP = 3_600.0
#: Seconds after which a place that is not tried any more, as of an account that was removed, says nothing.
STALE = 86_400.0
LOG = "cloudtrail_responder_sweep.log"
_OFF = ("1", "t", "true", "y", "yes")


def look(about: Surroundings) -> Iterable[Line]:
    stanzas = {one[len(SCHEME) :]: values for one, values in about.stanzas("inputs").items() if one.startswith(SCHEME)}
    on = [one for one, values in sorted(stanzas.items()) if str(values.get("disabled", "0")).lower() not in _OFF]
    if not on:
        return [green("No sweep is switched on (Inputs page).")]
    return [line for sweep in on for line in _lines(about, sweep)]


def _lines(about: Surroundings, sweep: str) -> Iterator[Line]:
    now, last, label = about.splunkd.now(), sweep_rounds.read(about.splunkd, sweep), f"Sweep {name(sweep)}"
    if last is None:
        yield amber(f"{label} is switched on and has not ended a round yet.", f"If this persists, see {LOG}.")
        return
    ago = span(now - last.ended)
    if now - last.ended > max(MISSED * last.interval, LEAST):
        to_do = f"Inputs page: look whether it is enabled. Then see {LOG} and splunkd.log (ExecProcessor)."
        yield red(f"{label} has ended no round for {ago}.", to_do)
        return
    if last.error:
        yield red(f"{label} runs, but its last round could not begin: {last.error}", f"Correct it, or see {LOG}.")
        return
    troubles = [*_unread(about, sweep, label, now), *_unreached(last, label, now)]
    if last.problems and not troubles:
        more = f" ({last.problems - 1:,} more)" if last.problems > 1 else ""
        troubles.append(amber(f"{label}: {last.problem}{more}", f"See {LOG}."))
    yield from troubles
    if not troubles:
        yield green(
            f"{label} ended a round {ago} ago: {last.places:,} places, {last.calls:,} of {last.most_calls:,} calls, "
            f"{last.wrong:,} seen wrong, {last.recorded:,} recorded."
        )


def _unread(about: Surroundings, sweep: str, label: str, now: float) -> Iterator[Line]:
    """Accounts and regions whose last look has failed."""
    found = about.splunkd.find(PLACES, {"sweep": sweep, "kind": "place"})
    places = [place for place in found if now - float(place.get("at") or 0) < STALE]
    failed = [place for place in places if place.get("error")]
    if failed:
        where = dict.fromkeys(_where(place) for place in failed)
        yield amber(
            f"{label} could not read {len(failed):,} of {len(places):,} places: {some(where)}. "
            f"{failed[0]['error']}",
            "Allow the entry to make the calls that AWS denies, and test it on the AWS accounts tab.",
        )


def _where(place: Mapping[str, object]) -> str:
    account, _, rest = str(place.get("place") or "").partition(":")
    region = rest.partition(":")[0]
    return name(f"{account} {region}".strip())


def _unreached(last: Round, label: str, now: float) -> Iterator[Line]:
    if last.left and last.left_since and now - last.left_since > CATCHES_UP:
        yield amber(
            f"{label} uses up its {last.most_calls:,} calls, or its time: for {span(now - last.left_since)} each round "
            f"has left places to the next one, the last {last.left:,} of {last.left + last.places:,}.",
            "Inputs page: allow more calls of a round, or make a second sweep for some of the accounts.",
        )


CHECK = Check("Sweep", 24, look)
