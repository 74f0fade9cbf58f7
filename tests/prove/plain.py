"""Plain methods to compare the matcher with: what a school could pick off the shelf."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rapidfuzz import fuzz, process

from content.match import Case, Match
from content.models import CrisisCase, Kind, Situation
from content.pack import Pack

FLOOR_FUZZ: Final = 60.0
FLOOR_COSINE: Final = 0.2
TOP: Final = 3


@dataclass(frozen=True)
class Example:
    """One phrasing with the kind and the case that it stands under."""

    text: str
    kind: Kind
    case: Case


def examples(pack: Pack) -> list[Example]:
    """Return every phrasing of the pack."""
    found = []
    for situation in pack.situations:
        found += [Example(text, "ask", situation) for _, text in situation.examples]
        found += [Example(text, "report", situation) for _, text in situation.reports]
    for case in pack.crisis.cases:
        found += [Example(text, "crisis", case) for _, text in case.examples]
    for topic in pack.topics:
        found += [Example(text, topic.kind, topic) for _, text in topic.examples]
    return found


def words(text: str) -> list[str]:
    """Return the lower-case words of a text, and nothing cleverer."""
    return re.findall(r"[a-z0-9à-ÿ']+", text.lower())


class Plain:
    """Turns a ranking of examples or rules into what ``evaluate`` scores."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def number(self, label: str) -> str:
        """Return the rule number of a label."""
        return self.pack.number(label)

    def ask(self, text: str) -> Match:
        """Return what this method makes of a question."""
        raise NotImplementedError

    def match(self, kind: Kind, case: Case | None, labels: Iterable[str], sure: bool) -> Match:
        """Build a match from a decision."""
        ruled = kind in {"ask", "report", "crisis"}
        verdict = case.verdict if kind == "ask" and isinstance(case, Situation) else None
        best = list(dict.fromkeys(labels))[:5] if ruled else []
        rules = tuple((label, 1.0 / (n + 1)) for n, label in enumerate(best))
        return Match(kind, "nl", rules, case, verdict, sure and kind != "oos")

    def from_examples(self, ranked: Sequence[tuple[Example, float]], floor: float) -> Match:
        """Decide by the case whose best examples are nearest."""
        if not ranked or ranked[0][1] < floor:
            return self.match("oos", None, (), False)
        best = ranked[0][0]
        labels = [label for example, _ in ranked for label in _labels(example.case)]
        return self.match(best.kind, best.case, labels, True)


def _labels(case: Case) -> tuple[str, ...]:
    if isinstance(case, Situation):
        return (case.rule or "",)
    return case.rules[:1] if isinstance(case, CrisisCase) else ()


class RuleTexts(Plain):
    """RapidFuzz WRatio on the texts of the rules."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self.texts = {label: _rule_text(pack, label) for label in pack.labels}

    def ask(self, text: str) -> Match:
        """Rank the rules by how alike their texts are."""
        found = process.extract(text, self.texts, scorer=fuzz.WRatio, limit=5)
        labels = [label for _, _, label in found]
        return self.match("ask", None, labels, bool(found) and found[0][1] >= FLOOR_FUZZ)


class Bm25(Plain):
    """BM25 on the texts of the rules (k1 1.2, b 0.75)."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self.docs = {label: Counter(words(_rule_text(pack, label))) for label in pack.labels}
        self.df = Counter(word for doc in self.docs.values() for word in doc)
        self.length = sum(sum(doc.values()) for doc in self.docs.values()) / len(self.docs)

    def ask(self, text: str) -> Match:
        """Rank the rules by BM25."""
        scores = {label: self._score(words(text), doc) for label, doc in self.docs.items()}
        labels = sorted(scores, key=lambda label: -scores[label])
        return self.match("ask", None, labels, scores[labels[0]] > 3)

    def _score(self, query: Sequence[str], doc: Counter[str]) -> float:
        size = sum(doc.values()) / self.length
        total = 0.0
        for word in query:
            if word in doc:
                n = self.df[word]
                idf = math.log(1 + (len(self.docs) - n + 0.5) / (n + 0.5))
                total += idf * doc[word] * 2.2 / (doc[word] + 1.2 * (0.25 + 0.75 * size))
        return total


class NearestExample(Plain):
    """The example that token_sort_ratio finds nearest."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self.examples = examples(pack)
        self.sorted = [" ".join(sorted(words(each.text))) for each in self.examples]

    def ask(self, text: str) -> Match:
        """Take the nearest example's case."""
        query = " ".join(sorted(words(text)))
        found = process.extract(query, self.sorted, scorer=fuzz.ratio, limit=12)
        return self.from_examples([(self.examples[n], score) for _, score, n in found], FLOOR_FUZZ)


class TfIdf(Plain):
    """Cosine of words and character n-grams (3 to 5), the top three examples of a case."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self.examples = examples(pack)
        counted = [Counter(_features(each.text)) for each in self.examples]
        df = Counter(feature for each in counted for feature in each)
        self.idf = {f: math.log(len(counted) / n) for f, n in df.items()}
        self.index: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, each in enumerate(counted):
            for feature, weight in self._unit(each).items():
                self.index[feature].append((place, weight))

    def ask(self, text: str) -> Match:
        """Add the three nearest examples of each case."""
        near: dict[int, float] = defaultdict(float)
        for feature, weight in self._unit(Counter(_features(text))).items():
            for place, other in self.index.get(feature, ()):
                near[place] += weight * other
        best = sorted(near.items(), key=lambda item: -item[1])[:300]
        by_case: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
        for place, score in best:
            each = self.examples[place]
            by_case[each.kind, each.case.id].append((score, place))
        ranked = [
            (self.examples[found[0][1]], sum(score for score, _ in found[:TOP]) / TOP)
            for found in by_case.values()
        ]
        return self.from_examples(sorted(ranked, key=lambda item: -item[1]), FLOOR_COSINE)

    def _unit(self, counts: Counter[str]) -> dict[str, float]:
        known = {f: (1 + math.log(n)) * self.idf[f] for f, n in counts.items() if f in self.idf}
        length = math.sqrt(sum(weight * weight for weight in known.values())) or 1.0
        return {feature: weight / length for feature, weight in known.items()}


class NaiveBayes(Plain):
    """Multinomial naive Bayes over the cases, words and pairs of words, add 0.1."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self.counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.first: dict[tuple[str, str], Example] = {}
        for each in examples(pack):
            key = (each.kind, each.case.id)
            self.counts[key].update(_pairs(each.text))
            self.first.setdefault(key, each)
        self.totals = {key: sum(counts.values()) for key, counts in self.counts.items()}
        self.size = len({word for counts in self.counts.values() for word in counts})

    def ask(self, text: str) -> Match:
        """Rank the cases by their chance."""
        query = _pairs(text)
        scores = {key: self._score(query, key) for key in self.counts}
        ranked = sorted(scores, key=lambda key: -scores[key])[:12]
        return self.from_examples([(self.first[key], 1.0) for key in ranked], 0.0)

    def _score(self, query: Sequence[str], key: tuple[str, str]) -> float:
        counts, total = self.counts[key], self.totals[key] + 0.1 * self.size
        return sum(math.log((counts[word] + 0.1) / total) for word in query)


def _features(text: str) -> list[str]:
    typed = words(text)
    padded = [f" {word} " for word in typed]
    grams = [
        w[n : n + size] for w in padded for size in (3, 4, 5) for n in range(len(w) - size + 1)
    ]
    return [*typed, *grams]


def _starts(word: str, size: int) -> range:
    return range(len(word) - size + 1)


def _pairs(text: str) -> list[str]:
    typed = words(text)
    return [*typed, *(f"{a} {b}" for a, b in pairwise(typed))]


def _rule_text(pack: Pack, label: str) -> str:
    rule = pack.rule(label)
    return " ".join([rule.title.nl, rule.plain.nl, rule.official, rule.title.en, rule.plain.en])
