"""How good the detections are: the shipped searches, run by their schedules over labeled CloudTrail records.

``read_corpus(folder)`` gives the labeled records, ``measure(corpus)`` the ``Score``; docs/score.md explains each
figure.
"""

from __future__ import annotations

from .corpus import Corpus, InvalidCorpus, Labeled, read_corpus
from .measure import NoSuchDetection, measure, raised
from .score import Counted, Score, tally

__all__ = [
    "Corpus",
    "Counted",
    "InvalidCorpus",
    "Labeled",
    "NoSuchDetection",
    "Score",
    "measure",
    "raised",
    "read_corpus",
    "tally",
]
