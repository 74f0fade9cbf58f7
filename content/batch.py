"""Features that are weighed in one go: an array costs little more than a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from content.corpus import Floats, Ints, runs
from content.postings import BITS, LAST, Postings


@dataclass(frozen=True)
class Batch:
    """Features whose worth is added up in ``height`` rows.

    A feature can stand at several ``places`` of the postings (a part of a word stands where its
    words do); ``features`` tells for each place which one it is, numbered from 0. Each feature has
    a scale, the worth of its sort, and the row that it is added to.
    """

    places: Ints
    features: Ints
    scales: Floats
    rows: Ints
    height: int = 0

    @classmethod
    def joined(cls, batches: Sequence[Batch], height: int) -> Batch:
        """All features of several batches."""
        features, before = [], 0
        for batch in batches:
            features.append(batch.features + before)
            before += len(batch.scales)
        return cls(
            np.concatenate([batch.places for batch in batches]),
            np.concatenate(features),
            np.concatenate([batch.scales for batch in batches]),
            np.concatenate([batch.rows for batch in batches]),
            height,
        )


@dataclass(frozen=True)
class Found:
    """In how many phrasings of a case each feature stands: what a feature and case share, once."""

    features: Ints
    cases: Ints
    counts: Ints

    @classmethod
    def by(cls, batch: Batch, postings: Postings) -> Found:
        """Look up the features of a batch."""
        lengths, at = postings.of(batch.places)
        packed = np.repeat(batch.features << 2 * BITS, lengths)
        packed |= postings.packed[at]
        if len(batch.places) == len(batch.scales):
            return cls(packed >> 2 * BITS, (packed >> BITS) & LAST, packed & LAST)
        # Words of one part may share a case. Sorting the numbers themselves is many times faster
        # than sorting their places.
        packed.sort()
        both = packed >> BITS
        firsts = runs(both)[:-1]
        counts = np.add.reduceat(packed & LAST, firsts) if len(firsts) else packed
        both = both[firsts]
        return cls(both >> BITS, both & LAST, counts)
