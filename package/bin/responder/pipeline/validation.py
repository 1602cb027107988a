"""CloudTrail log file validation: whether a trail's files of a time are as CloudTrail wrote them, and all there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ..aws.client import Aws
from ..errors import Rejected
from . import trail_files, trail_scope
from .chain import ChainValidation, Times
from .digest_files import DigestFiles
from .public_keys import PublicKeys
from .trail_files import Location, Trail
from .validation_report import Chain, Report

#: Accounts and regions, and files of all of them, that are read at the same time.
CHAINS, FILES = 4, 16


def validate(
    aws: Aws,
    trail: Trail,
    times: Times,
    accounts: Sequence[str] = (),
    regions: Sequence[str] = (),
    on_chain: Callable[[Chain], None] = lambda chain: None,
) -> Report:
    """Of all accounts and regions that the trail logs, or of those that are named.

    ``on_chain`` is called with each as it is done. Raises a ResponderError where nothing can be looked at.
    """
    if times.start >= times.end:
        raise Rejected("The start is not before the end.", "Name a start and an end, in this order.")
    if times.start >= times.now:
        raise Rejected("The start is in the future.", "Name a time that has been.")
    places = trail_files.locations(aws, trail, times.start, times.end, accounts, regions)
    files = DigestFiles(aws, PublicKeys(aws, times.start, min(times.end, times.now)))
    chains: list[Chain] = []
    with ThreadPoolExecutor(FILES, thread_name_prefix="files") as pool:

        def run(place: Location) -> Chain:
            chain = ChainValidation(aws, files, place, times, pool).run()
            chain.problems.sort(key=lambda problem: (problem.file, problem.kind))
            return chain

        def run_all(places: Sequence[Location]) -> None:
            with ThreadPoolExecutor(CHAINS, thread_name_prefix="chains") as each:
                for chain in each.map(run, places):
                    on_chain(chain)
                    chains.append(chain)

        run_all(places)
        asked = _with_its_regions(trail, chains)
        scope = trail_scope.beyond(
            aws, asked, places, times.start, asks_accounts=not accounts, asks_regions=not regions
        )
        run_all(scope.places)
    chains.sort(key=lambda chain: (chain.account, chain.region))
    notes = tuple(_notes(trail))
    return Report(trail.arn, trail.bucket, times.start, times.end, tuple(chains), notes, tuple(scope.unknown))


def _with_its_regions(trail: Trail, chains: Sequence[Chain]) -> Trail:
    """Of one that AWS was not asked about: with digests beyond its home, it logged all regions."""
    if trail.is_multi_region is None and any(chain.digests for chain in chains if chain.region != trail.home_region):
        return replace(trail, is_multi_region=True)
    return trail


def _notes(trail: Trail) -> list[str]:
    if trail.is_validated is False:
        return ["Log file validation is off on this trail: CloudTrail writes no digests. Turn it on."]
    return []
