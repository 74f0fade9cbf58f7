"""The matcher beside plain methods, and without each of its parts: ``make bench-understanding``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from content.evaluate import Answers, Scores, evaluate, read_rows
from content.loader import load_pack
from content.matcher import Matcher
from content.models import Phrasings
from content.pack import Pack
from content.tuning import Tuning
from tests.prove import plain

QUESTIONS = Path(__file__).parents[1] / "questions"
FIGURES = (
    ("first_rule", "rule"),
    ("first_three", "three"),
    ("letter", "letter"),
    ("rule_and_verdict", "rule+v"),
    ("kind", "kind"),
    ("confident", "sure"),
    ("confident_wrong", "wrong"),
    ("answered_with_rule", "oos-a"),
    ("crisis_found", "crisis"),
    ("false_alarms", "false"),
)


def methods(pack: Pack) -> dict[str, Callable[[], Answers]]:
    """Return every row of the table; a method is built when its turn comes."""
    full = Tuning()
    return {
        "WRatio, rule texts": lambda: plain.RuleTexts(pack),
        "BM25, rule texts": lambda: plain.Bm25(pack),
        "token_sort_ratio, nearest": lambda: plain.NearestExample(pack),
        "TF-IDF cosine, top three": lambda: plain.TfIdf(pack),
        "naive Bayes over cases": lambda: plain.NaiveBayes(pack),
        "the matcher": lambda: Matcher(pack),
        "- without spelling": lambda: Matcher(pack, replace(full, spelling=False)),
        "- without weighting": lambda: Matcher(pack, replace(full, weighting=False)),
        "- without concepts": lambda: Matcher(pack, replace(full, concepts=False)),
        "- without nearest examples": lambda: Matcher(pack, replace(full, nearest=0.0)),
        "- without parts of words": lambda: Matcher(pack, replace(full, grams=0.0)),
        "- with half the examples": lambda: Matcher(thinned(pack, 2)),
        "- with a tenth of them": lambda: Matcher(thinned(pack, 10)),
    }


def thinned(pack: Pack, keep_one_in: int) -> Pack:
    """Return the pack with every n-th phrasing only, at least one in each language."""
    rng = Random(1)

    def fewer(phrasings: Phrasings) -> Phrasings:
        return Phrasings(nl=_some(phrasings.nl), en=_some(phrasings.en))

    def _some(texts: tuple[str, ...]) -> tuple[str, ...]:
        count = max(1, round(len(texts) / keep_one_in)) if texts else 0
        return tuple(rng.sample(texts, count))

    rules = tuple(
        rule.model_copy(
            update={
                "situations": tuple(
                    s.model_copy(
                        update={"examples": fewer(s.examples), "reports": fewer(s.reports)}
                    )
                    for s in rule.situations
                )
            }
        )
        for rule in pack.rules
    )
    cases = tuple(c.model_copy(update={"examples": fewer(c.examples)}) for c in pack.crisis.cases)
    topics = tuple(t.model_copy(update={"examples": fewer(t.examples)}) for t in pack.topics)
    crisis = pack.crisis.model_copy(update={"cases": cases})
    return replace(pack, rules=rules, crisis=crisis, topics=topics)


def main() -> int:
    """Print one table for each file of questions."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="*", type=Path, default=sorted(QUESTIONS.glob("*.jsonl")))
    pack = load_pack()
    for file in options.parse_args().files:
        rows = read_rows(file)
        _write(f"\n{file.name}: {len(rows)} questions")
        _write(f"{'':28}" + "".join(f"{title:>8}" for _, title in FIGURES) + f"{'ms':>8}")
        for name, build in methods(pack).items():
            method = build()
            start = time.process_time()
            scores = evaluate(method, rows)
            each = (time.process_time() - start) * 1000 / len(rows)
            _write(f"{name:28}" + _figures(scores) + f"{each:8.2f}")
    return 0


def _figures(scores: Scores) -> str:
    values = (getattr(scores, key) for key, _ in FIGURES)
    return "".join("       -" if value is None else f"{value:8.3f}" for value in values)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
