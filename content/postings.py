"""In how many phrasings of each case a feature stands, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from content.corpus import Corpus, Indices, Ints, matches, runs, spans

BITS = 20
"""A case and a count have so many bits each in a posting."""
LAST = (1 << BITS) - 1
"""Selects the last of the numbers that are packed into one."""


class Postings:
    """One *posting* is a feature in a case: ``packed`` holds case and count of all, by feature.

    ``keys`` are the features in ascending order; the postings of the one at ``place`` stand from
    ``starts[place]`` up to ``starts[place + 1]``. ``totals``: in how many phrasings of all cases
    each feature stands. Words come first and all stand somewhere: word n is at place n - 1.
    """

    def __init__(self, features: Ints, texts: Ints, corpus: Corpus) -> None:
        """``features`` and ``texts``: as ``Features.in_texts`` gives them."""
        cases = corpus.case_of[texts]
        bounds = runs(features * (len(corpus.sizes) + 1) + cases)
        firsts = bounds[:-1]
        packed: Ints = (cases[firsts] << BITS) | np.diff(bounds)
        small = len(corpus.sizes) < 1 << (31 - BITS)  # then half the room is enough
        self.packed = packed.astype(np.int32) if small else packed
        by_feature = features[firsts]
        self.starts: Indices = runs(by_feature).astype(np.int32)
        self.keys: Ints = by_feature[self.starts[:-1]]
        self.totals: Ints = np.diff(runs(features))

    def matches(self, features: Ints) -> tuple[NDArray[np.bool_], Ints]:
        """Which features any phrasing has, and the places of those."""
        return matches(self.keys, features)

    def of(self, places: Ints) -> tuple[Ints, Ints]:
        """How many postings the features at ``places`` have, and which."""
        return spans(self.starts[places], self.starts[places + 1])
