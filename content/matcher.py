"""Understand a question: its kind, rule, situation, verdict, and how sure that is.

``Matcher`` is built from a pack alone and answers in about a millisecond. Words speak for cases
(``content.evidence``), the nearest phrasings of the leading cases are compared
(``content.nearest``), and the small words say question or account (``content.kinds``). Together
they give each case a chance; summed over cases these give kind, rule, letter and verdict, so that
five cases of one rule that fit a little outweigh one of another that fits a little better.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from content.cases import Entry, Standings, entries, levels
from content.corpus import Corpus, Floats, Ints
from content.danger import Phrases, phrase_list
from content.decide import Decision
from content.evidence import Evidence
from content.explain import Explainer
from content.followup import FollowUps
from content.heard import Heard
from content.kinds import KindModel, small_words
from content.language import LanguageModel
from content.match import Match
from content.models import Kind
from content.nearest import Nearest, Similarities, likeness
from content.pack import Pack
from content.spelling import Speller
from content.startup import no_collection
from content.tuning import Tuning
from content.words import Reader, concept_table

_SAMPLED = 2
"""Small words are the same in all phrasings: every second one is enough to learn them from."""
_RECENT = 32
"""Messages at hand: several parts of the bot ask about the same one within a moment."""
_FEW = 12
_FAINT = 0.02
"""Odds, next to the best case's 1, that do not help to tell kinds apart."""
_NEWS = 3.0
"""How much more the words of a follow-up count than those of the question before it."""


class Matcher:
    """Understands questions about one pack. Safe to share: it only caches."""

    def __init__(self, pack: Pack, tuning: Tuning | None = None) -> None:
        self.pack = pack
        self._recent: dict[str, Match] = {}
        self._tuning = tuning or Tuning()
        with no_collection():
            self._build(pack)

    def _build(self, pack: Pack) -> None:
        self._reader = Reader(pack.lexicon)
        self.cases: Sequence[Entry] = entries(pack)
        # What only sounds like danger is a case that stands behind all others.
        harmless = [text for _, text in pack.crisis.harmless]
        said = ([text for _, text in case.phrasings] for case in self.cases)
        corpus = Corpus(self._reader, chain(said, [harmless]))
        self._evidence = Evidence(
            corpus,
            levels(self.cases, self._tuning),
            concept_table(pack.lexicon),
            self._tuning,
        )
        self._speller = Speller(corpus.word_counts)
        self._nearest = Nearest(corpus, self._evidence)
        self._kinds = self._kind_model(corpus)
        self._language = self._language_model(corpus)
        self._signals = self._signal_phrases()
        self._standings = Standings(self.cases)
        self._decision = Decision(pack, self.cases, self._standings.all, self._tuning)
        self._explainer = Explainer(self._evidence, self._nearest, self.cases)
        self._evidence.release()
        self._follow_ups = FollowUps(pack.lexicon, self._reader.words)

    def ask(self, text: str, *, previous: str | None = None) -> Match:
        """Understand one message; never raises for any text.

        ``previous`` is the question before it: when ``text`` goes on from there ("en als ze het
        goed vindt?") both are understood as one, within the rule of the first.
        """
        match = self._alone(text)
        if previous is None or self._is_danger(match):
            return match
        if not self._follow_ups.opens(self._reader.words(text)):
            return match
        first = self._alone(previous)
        if first.rule is None or first.kind == "crisis":
            return match
        return self._decide(self.hear(text, after=previous), within=self.number(first.rule))

    def _alone(self, text: str) -> Match:
        """Understand one message by itself; one that was asked a moment ago is at hand."""
        match = self._recent.get(text)
        if match is None:
            match = self._decide(self.hear(text))
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            self._recent[text] = match
        return match

    def _is_danger(self, match: Match) -> bool:
        """Whether a message is a crisis beyond doubt; "en als ze nee zegt" is only half of one."""
        chances = dict(match.explanation.kinds)
        surely = (
            bool(match.explanation.signals) or chances.get("crisis", 0.0) >= self._tuning.surely
        )
        return match.kind == "crisis" and surely

    def number(self, label: str) -> str:
        """The rule number of a label; the label itself when the pack does not have it."""
        return self.pack.number(label) if self.pack.has_label(label) else label

    def hear(self, text: str, *, after: str = "") -> Heard:
        """What the words of a message speak for, before anything is decided.

        ``after``: the question that it goes on from. Both are heard as one, but what is new counts
        more: "en in de pauze?" changes the place and leaves the rest.
        """
        typed = self._reader.words(text)
        new = self._corrected(typed)
        words = [*self._corrected(self._reader.words(after)), *new] if after else new
        asked = self._evidence.features.of(words)
        scores, groups = self._evidence.scores(asked)
        if after:
            scores += _NEWS * self._evidence.scores(self._evidence.features.of(new))[0]
        leading, similar, alike = self._compared(asked.singles, scores)
        tuning = self._tuning
        lead = (scores - scores.max()) / tuning.temperature
        odds = np.exp(lead)
        sharp = np.where(odds > _FAINT, np.exp(tuning.sharpness * lead), 0.0)
        return Heard(
            typed=typed,
            words=words,
            singles=asked.singles,
            features=asked.count,
            masses=self._standings.masses(odds),
            sharp=self._standings.masses(sharp),
            leading=[(place, float(odds[place])) for place in leading],
            similar=similar,
            likeness=alike,
            small=self._kinds.chances(words, "?" in text),
            level=self._evidence.last_groups(groups),
            signals=[(case, " ".join(phrase)) for case, phrase in self._signals.found(words)],
            known=self._known(words),
        )

    def _corrected(self, words: Sequence[str]) -> Sequence[str]:
        return self._speller.correct(words) if self._tuning.spelling else words

    def _compared(
        self, singles: Sequence[str], scores: Floats
    ) -> tuple[list[int], Similarities, dict[int, float]]:
        """Places of the cases in the running, best first, and how alike the foremost ones are.

        That is by phrasing, and by case; the latter is added to the scores.
        """
        tuning = self._tuning
        floor = scores.max() - tuning.running * tuning.temperature
        # One more than are kept, for what only sounds like danger may be among them.
        places = _best_first(np.flatnonzero(scores > floor), scores)[: tuning.leading + 1]
        similar: Similarities = {}
        alike: dict[int, float] = {}
        if tuning.nearest:
            foremost = dict.fromkeys([*places[: tuning.compared].tolist(), len(self.cases)])
            similar = self._nearest.similarities(singles, list(foremost))
            alike = {place: likeness(near) for place, near in similar.items()}
            for place, like in alike.items():
                scores[place] += tuning.nearest * like
            places = _best_first(np.sort(places), scores)
        kept: list[int] = places[: tuning.leading].tolist()
        return [place for place in kept if place < len(self.cases)], similar, alike

    def _decide(self, heard: Heard, within: str | None = None) -> Match:
        made = self._decision.of(heard, within)
        return Match(
            kind=made.kind,
            lang=self._language.of(heard.words, self.pack.main_language),
            rules=made.rules,
            situation=None if made.winner is None else self.cases[made.winner].about,
            verdict=made.verdict,
            confident=made.confident,
            options=made.options,
            explanation=self._explainer.explain(heard, made.winner, made.kinds, made.margin),
        )

    def _known(self, words: Sequence[str]) -> float:
        """The share of the words, by their weight, that the pack has."""
        evidence = self._evidence
        weights = [(evidence.weight(word), word in evidence.word_counts) for word in words]
        total = sum(weight for weight, _ in weights)
        return sum(weight for weight, known in weights if known) / total if total else 0.0

    def _kind_model(self, corpus: Corpus) -> KindModel:
        spread = self._evidence.spread()
        small = small_words(spread, len(self.cases), self.pack.lexicon)
        kinds: list[Kind | None] = []
        for case in self.cases:
            size = len(case.phrasings)
            step = _SAMPLED if size > _FEW else 1
            kinds += [None if place % step else case.kind for place in range(size)]
        # Not from what only sounds like danger.
        kinds += [None] * (corpus.texts - len(kinds))
        return KindModel(corpus, kinds, small)

    def _language_model(self, corpus: Corpus) -> LanguageModel:
        langs = [
            "" if place % _SAMPLED else lang
            for case in self.cases
            for place, (lang, _) in enumerate(case.phrasings)
        ]
        langs += [""] * (corpus.texts - len(langs))
        english = np.array([lang == "en" for lang in langs], bool)
        dutch = np.array([lang not in ("", "en") for lang in langs], bool)
        return LanguageModel(corpus.counts_in(dutch), corpus.counts_in(english))

    def _signal_phrases(self) -> Phrases:
        places = {case.about.id: place for place, case in enumerate(self.cases)}
        texts = (
            (places[case.id], text)
            for case in self.pack.crisis.cases
            if case.id in places
            for _, text in case.signals
        )
        return Phrases(phrase_list(texts, self._reader.words), self._evidence.word_counts)


def _best_first(places: Ints, scores: Floats) -> Ints:
    """Places by their scores; those of the same score in their own order."""
    return places[np.argsort(-scores[places], kind="stable")]
