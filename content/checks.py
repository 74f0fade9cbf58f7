"""Checks over a whole pack: what the models, which see one field at a time, cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from content import limits
from content.errors import Problem
from content.models import Local, Phrasings, QuizItem, RuleFile
from content.pack import Pack
from content.postcheck import tree_problems
from content.yamlfile import Loc, YamlFile

Files = Mapping[str, YamlFile]
Found = Iterator[tuple[YamlFile, Loc, str]]
_NO_WORDS = re.compile(r"[^\w\n]+")
_ONLY_WORDS = _NO_WORDS.sub(lambda found: " " * len(found.group()), "".join(map(chr, range(128))))
CARD = 300
"""Characters that title, source and letters take on the card of a rule."""
DAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})


def check_pack(pack: Pack, files: Files) -> list[Problem]:
    """Every problem in a pack whose files by themselves are right."""
    checks: tuple[Callable[[Pack, Files], Found], ...] = (
        _labels,
        _repeated_ids,
        _repeated_phrasings,
        _lengths,
        _quiz,
        _help_lines,
        _post_check,
        _texts,
        _school,
    )
    found = (one for check in checks for one in check(pack, files))
    return [file.problem(loc, message) for file, loc, message in found]


def rule_files(pack: Pack, files: Files) -> Iterator[tuple[YamlFile, RuleFile]]:
    """Each rule with the file it came from (both are in the order of the file names)."""
    names = sorted(name for name in files if name.startswith("rules/"))
    yield from zip((files[name] for name in names), pack.rules, strict=True)


def _labels(pack: Pack, files: Files) -> Found:
    """Labels that no rule has, or that belong to another rule's file."""
    for file, loc, label in _used_labels(pack, files):
        if not pack.has_label(label):
            yield file, loc, f"unknown rule {label!r}"
    for file, rule in rule_files(pack, files):
        own = {rule.id, *(letter.id for letter in rule.letters)}
        placed: list[tuple[Loc, str | None]] = []
        placed += [(("situations", n, "rule"), item.rule) for n, item in enumerate(rule.situations)]
        placed += [(("quiz", n, "rule"), item.rule) for n, item in enumerate(rule.quiz)]
        for loc, mine in placed:
            if mine not in own:
                yield file, loc, f"{mine!r} is no part of this rule"


def _used_labels(pack: Pack, files: Files) -> Found:
    for file, rule in rule_files(pack, files):
        for n, situation in enumerate(rule.situations):
            for m, label in enumerate(situation.also):
                yield file, ("situations", n, "also", m), label
    for n, case in enumerate(pack.crisis.cases):
        for label in case.rules:
            yield files["crisis.yaml"], ("cases", n, "rules"), label
    for n, outcome in enumerate(pack.check.outcomes):
        for label in outcome.rules:
            yield files["check.yaml"], ("outcomes", n, "rules"), label


def _repeated_ids(pack: Pack, files: Files) -> Found:
    seen: dict[tuple[str, str], str] = {}
    for family, file, loc, id_ in _ids(pack, files):
        first = seen.setdefault((family, id_), file.name)
        if seen.get((family, id_ + "\0")):
            where = "" if first == file.name else f" (first in {first})"
            yield file, loc, f"the id {id_!r} is used twice{where}"
        seen[family, id_ + "\0"] = "seen"


def _ids(pack: Pack, files: Files) -> Iterator[tuple[str, YamlFile, Loc, str]]:
    """Family, file, place and id; ids must differ within their family."""
    for file, rule in rule_files(pack, files):
        yield "label", file, ("id",), rule.id
        for n, letter in enumerate(rule.letters):
            yield "label", file, ("letters", n, "id"), letter.id
        for n, situation in enumerate(rule.situations):
            yield "case", file, ("situations", n, "id"), situation.id
        for n, item in enumerate(rule.quiz):
            yield "quiz", file, ("quiz", n, "id"), item.id
    for n, case in enumerate(pack.crisis.cases):
        yield "case", files["crisis.yaml"], ("cases", n, "id"), case.id
    for n, line in enumerate(pack.crisis.help_lines):
        yield "line", files["crisis.yaml"], ("help_lines", n, "id"), line.id
    for n, topic in enumerate(pack.topics):
        yield "case", files["topics.yaml"], ("topics", n, "id"), topic.id
    for n, question in enumerate(pack.check.questions):
        yield "check", files["check.yaml"], ("questions", n, "id"), question.id
    for n, outcome in enumerate(pack.check.outcomes):
        yield "check", files["check.yaml"], ("outcomes", n, "id"), outcome.id


def _repeated_phrasings(pack: Pack, files: Files) -> Found:
    """The same words under two cases would teach the matcher a coin toss."""
    seen: dict[str, tuple[tuple[str, str], str]] = {}
    for case, file, loc, phrasings in _phrasings(pack, files):
        for lang in ("nl", "en"):
            texts = getattr(phrasings, lang)
            for n, key in enumerate(_plain(texts)):
                first = seen.setdefault(key, (case, file.name))
                if first[0] != case:
                    other = f"{first[0][0]} ({first[0][1]}, {first[1]})"
                    yield file, (*loc, lang, n), f"the same phrasing stands under {other}"


def _plain(texts: Sequence[str]) -> list[str]:
    """The words of each text alone; a text without any as it is."""
    if not texts:
        return []
    joined = "\n".join([text.replace("\n", " ") for text in texts]).casefold()
    fast = joined.isascii()
    words = joined.translate(_ONLY_WORDS) if fast else _NO_WORDS.sub(" ", joined)
    lines = words.split("\n")
    return [" ".join(line.split()) or text for line, text in zip(lines, texts, strict=True)]


def _phrasings(
    pack: Pack, files: Files
) -> Iterator[tuple[tuple[str, str], YamlFile, Loc, Phrasings]]:
    for file, rule in rule_files(pack, files):
        for n, situation in enumerate(rule.situations):
            for use in ("examples", "reports"):
                loc = ("situations", n, use)
                yield (situation.id, use), file, loc, getattr(situation, use)
    for n, case in enumerate(pack.crisis.cases):
        loc = ("cases", n, "examples")
        yield (case.id, "examples"), files["crisis.yaml"], loc, case.examples
    for n, topic in enumerate(pack.topics):
        loc = ("topics", n, "examples")
        yield (topic.id, "examples"), files["topics.yaml"], loc, topic.examples


def _too_long(file: YamlFile, loc: Loc, text: Local, most: int) -> Found:
    for lang in ("nl", "en"):
        length = len(text.in_(lang))
        if length > most:
            yield file, (*loc, lang), f"{length} characters, Telegram allows {most} here"


def _lengths(pack: Pack, files: Files) -> Found:
    for file, rule in rule_files(pack, files):
        yield from _too_long(file, ("plain",), rule.plain, limits.MESSAGE)
        card = len(rule.official) + max(len(rule.plain.nl), len(rule.plain.en))
        if card > limits.MESSAGE - CARD:
            most = limits.MESSAGE - CARD
            yield file, ("official",), f"with plain {card} characters, a message holds {most}"
        for n, situation in enumerate(rule.situations):
            loc = ("situations", n)
            yield from _too_long(file, (*loc, "title"), situation.title, limits.BUTTON)
            yield from _too_long(file, (*loc, "answer"), situation.answer, limits.MESSAGE)
    cards = [
        ("crisis.yaml", "cases", n, c.title, c.answer) for n, c in enumerate(pack.crisis.cases)
    ]
    cards += [("topics.yaml", "topics", n, t.title, t.answer) for n, t in enumerate(pack.topics)]
    for name, key, n, title, answer in cards:
        yield from _too_long(files[name], (key, n, "title"), title, limits.BUTTON)
        yield from _too_long(files[name], (key, n, "answer"), answer, limits.MESSAGE)
    check = files["check.yaml"]
    for n, question in enumerate(pack.check.questions):
        yield from _too_long(check, ("questions", n, "text"), question.text, limits.MESSAGE)
        for m, tap in enumerate(question.answers):
            place = ("questions", n, "answers", m, "label")
            yield from _too_long(check, place, tap.label, limits.BUTTON)
    for n, outcome in enumerate(pack.check.outcomes):
        yield from _too_long(check, ("outcomes", n, "text"), outcome.text, limits.MESSAGE)


def _quiz(pack: Pack, files: Files) -> Found:
    for file, rule in rule_files(pack, files):
        for n, item in enumerate(rule.quiz):
            yield from _quiz_item(file, ("quiz", n), item)


def _quiz_item(file: YamlFile, loc: Loc, item: QuizItem) -> Found:
    yield from _too_long(file, (*loc, "question"), item.question, limits.QUIZ_QUESTION)
    for m, option in enumerate(item.options):
        yield from _too_long(file, (*loc, "options", m), option, limits.POLL_OPTION)
    yield from _too_long(file, (*loc, "explanation"), item.explanation, limits.POLL_EXPLANATION)
    for lang in ("nl", "en"):
        if item.explanation.in_(lang).count("\n") > limits.POLL_EXPLANATION_LINE_FEEDS:
            yield file, (*loc, "explanation", lang), "more than two line feeds"
        if len({option.in_(lang).casefold() for option in item.options}) < len(item.options):
            yield file, (*loc, "options"), f"two options are the same ({lang})"


def _help_lines(pack: Pack, files: Files) -> Found:
    known = {line.id for line in pack.crisis.help_lines}
    for n, case in enumerate(pack.crisis.cases):
        for line in set(case.lines) - known:
            yield files["crisis.yaml"], ("cases", n, "lines"), f"unknown help line {line!r}"
    for n, outcome in enumerate(pack.check.outcomes):
        for line in set(outcome.help_lines) - known:
            yield files["check.yaml"], ("outcomes", n, "help_lines"), f"unknown help line {line!r}"


def _post_check(pack: Pack, files: Files) -> Found:
    for loc, message in tree_problems(pack.check):
        yield files["check.yaml"], loc, message


def placeholders(text: str) -> frozenset[str]:
    """The names between braces. Raises ValueError for braces that do not match."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _texts(pack: Pack, files: Files) -> Found:
    for name in sorted(name for name in files if name.startswith("texts/")):
        for key in files[name].data["texts"]:
            for message in _text_problems(key, pack.texts[key]):
                yield files[name], ("texts", key), message


def _text_problems(key: str, text: Local) -> Iterable[str]:
    try:
        dutch, english = placeholders(text.nl), placeholders(text.en)
    except ValueError as error:
        yield f"braces: {error}"
        return
    if dutch != english:
        yield f"different placeholders: nl {sorted(dutch)}, en {sorted(english)}"
    for name in sorted(dutch | english):
        if not name.isidentifier():
            yield f"the placeholder {{{name}}} is not a plain name"
    most = limits.BUTTON if "button" in key else limits.MESSAGE
    if max(len(text.nl), len(text.en)) > most:
        yield f"longer than {most} characters"


def _school(pack: Pack, files: Files) -> Found:
    file, school = files["school.yaml"], pack.school
    try:
        ZoneInfo(school.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield file, ("timezone",), f"unknown time zone {school.timezone!r}"
    for day, part in school.school_hours.items():
        if part.start >= part.end:
            yield file, ("school_hours", day), "ends before it starts"
    for lesson_day, parts in school.lesson_hours.items():
        if lesson_day not in DAYS:
            yield file, ("lesson_hours", lesson_day), "not one of mon, tue, wed, thu, fri, sat, sun"
        for n, part in enumerate(parts):
            if part.start >= part.end:
                yield file, ("lesson_hours", lesson_day, n), "ends before it starts"
    for n, holiday in enumerate(school.holidays):
        if holiday.first > holiday.last:
            yield file, ("holidays", n), "ends before it starts"
