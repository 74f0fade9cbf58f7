"""Tell a follow-up ("en als ze het wel goed vindt?") from a question that stands alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from content.models import Lexicon

LONGEST = 10
"""A longer message says enough by itself, however it opens."""


class FollowUps:
    """Knows the openings of a pack's lexicon."""

    def __init__(self, lexicon: Lexicon, words_of: Callable[[str], Sequence[str]]) -> None:
        openings = (tuple(words_of(text)) for _, text in lexicon.follow_ups)
        self._openings = frozenset(opening for opening in openings if opening)
        self._lengths = frozenset(len(opening) for opening in self._openings)

    def opens(self, words: Sequence[str]) -> bool:
        """Whether a message goes on from the one before it."""
        if len(words) > LONGEST:
            return False
        return any(tuple(words[:length]) in self._openings for length in self._lengths)
