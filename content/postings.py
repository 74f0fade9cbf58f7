"""In how many phrasings of each case a feature stands, as arrays."""

from __future__ import annotations

import numpy as np

from content.corpus import Corpus, Ints, found_in, runs, spans


class Postings:
    """One *posting* is a feature in a case: ``cases`` and ``counts`` hold all, by feature.

    ``keys`` are the features in ascending order; the postings of the one at ``place`` stand from
    ``starts[place]`` up to ``starts[place + 1]``. ``totals``: in how many phrasings of all cases
    each feature stands. Words come first and all stand somewhere: word n is at place n - 1.
    """

    def __init__(self, features: Ints, texts: Ints, corpus: Corpus) -> None:
        """``features`` and ``texts``: as ``Features.in_texts`` gives them."""
        cases = corpus.case_of[texts]
        bounds = runs(features * (len(corpus.sizes) + 1) + cases)
        firsts = bounds[:-1]
        self.cases = cases[firsts].astype(np.int32)
        self.counts = np.diff(bounds).astype(np.int32)
        by_feature = features[firsts]
        self.starts = runs(by_feature)
        self.keys: Ints = by_feature[self.starts[:-1]]
        self.totals: Ints = np.diff(runs(features))

    def find(self, features: Ints) -> Ints:
        """The places of those features that any phrasing has."""
        return found_in(self.keys, features)

    def of(self, places: Ints) -> tuple[Ints, Ints]:
        """All postings of the features at ``places``: the place in ``places``, the posting."""
        return spans(self.starts[places], self.starts[places + 1])
