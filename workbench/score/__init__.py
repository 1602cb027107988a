"""How good the detections are: the shipped searches, run by their schedules over labelled CloudTrail records.

``read_corpus(folder)`` gives the labelled records, ``measure(corpus)`` the ``Score``; docs/score.md says what each
figure means.
"""

from __future__ import annotations

from .corpus import Corpus, InvalidCorpus, Labelled, read_corpus
from .measure import NoSuchDetection, measure
from .score import Counted, Score, tally

__all__ = [
    "Corpus",
    "Counted",
    "InvalidCorpus",
    "Labelled",
    "NoSuchDetection",
    "Score",
    "measure",
    "read_corpus",
    "tally",
]
