"""Services outside, tested side by side, each as the setup page tests it when it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Callable, TypeVar

from ..errors import Curable, ResponderError
from ..settings import routes
from ..settings.routes import Route
from .line import Line, amber, green, name, red
from .surroundings import Surroundings

T = TypeVar("T", str, "tuple[str, str]")
#: Entries tested at the same time, and at most; each is a few requests.
AT_ONCE, MOST = 8, 50
#: Seconds for all of them; less than all checks have together.
LONGEST = 20.0


def each(entries: Sequence[T], test: Callable[[T], str | tuple[str, str]], what: str) -> list[Line]:
    """A line for each of the first ``MOST``.

    ``test`` gives a sentence, or with it what to do about a limitation that it names; or raises a ResponderError.
    """

    def line(entry: T) -> Line:
        label = entry if isinstance(entry, str) else ", ".join(part for part in entry if part)
        label = f"{what} {name(label)}"
        try:
            said = test(entry)
            return green(f"{label}: {said}") if isinstance(said, str) else amber(f"{label}: {said[0]}", said[1])
        except ResponderError as error:
            found = amber if error.transient else red
            return found(f"{label}: {error.message}", error.hint)
        except Exception as error:
            # What it says may hold a secret.
            return red(f"{label}: the test itself failed ({type(error).__name__}).", "See the app's log file.")

    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reach")
    futures = [pool.submit(line, entry) for entry in entries[:MOST]]
    wait(futures, LONGEST)
    # What hangs is left behind: its own time-outs end it.
    pool.shutdown(wait=False, cancel_futures=True)
    done = [future.result() for future in futures if future.done() and not future.cancelled()]
    left = len(futures) - len(done)
    if left:
        said = f"{what}: {left} of {len(futures)} tests did not end within {LONGEST:.0f} seconds."
        done.append(amber(said, "Try again."))
    if len(entries) > MOST:
        said = f"{what}: {len(entries) - MOST} of {len(entries)} were not tested, because it would take too long."
        done.append(amber(said, "To have one of them tested, save its entry on the setup page."))
    return done


def chosen(
    about: Surroundings,
    file: str,
    action: str,
    entry_field: str,
    destination_field: str,
    default: str,
    of_route: Callable[[Route], tuple[str, str]] | None = None,
) -> list[tuple[str, str]]:
    """Entries, each with "" (its own default) and with every other destination that an alert or a route names for it.

    ``of_route``: entry and destination of a route, where routes name any.
    """
    table, general = about.stanzas(file), about.config.stanza("general")
    pairs = {(entry, "") for entry in table}
    only = next(iter(table)) if len(table) == 1 else ""
    for search in about.searches:
        parameters = search.actions.get(action) if search.is_on else None
        if parameters is None:
            continue
        entry = parameters.get(entry_field) or general.get(default, "") or only
        destination = parameters.get(destination_field, "")
        # A token is replaced by the row's value, which nobody knows yet.
        if entry and "$" not in entry + destination:
            pairs.add((entry, destination))
    for entry, destination in map(of_route, _routes(about)) if of_route is not None else ():
        entry = entry or general.get(default, "") or only
        if entry in table:
            pairs.add((entry, destination))
    return sorted(pairs)


def _routes(about: Surroundings) -> Iterator[Route]:
    """Those that can be used; the check of the routes tells of the others."""
    for entry in routes.read(about.splunkd):
        try:
            yield entry.route()
        except Curable:
            continue


def in_words(sentence: str) -> str:
    """What a service told of itself, without what could pass for markup."""
    return "".join(character for character in sentence if character not in "<>`")
