"""A loaded content pack: what the bot knows, with look-ups by label, id and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict, TypeVar

from content.errors import TextError, UnknownIdError
from content.models import (
    CheckFile,
    CrisisCase,
    CrisisFile,
    HelpLine,
    Language,
    Lexicon,
    Local,
    QuizItem,
    RuleFile,
    School,
    Situation,
    SubRule,
    Topic,
)

_Found = TypeVar("_Found")

OPENING = "0"
"""Label of the protocol's opening: it answers questions, but is not counted as a rule."""


class Counts(TypedDict):
    """How much a pack holds; ``examples`` counts every phrasing the matcher learns from."""

    rules: int
    situations: int
    examples: int
    quiz_items: int
    languages: list[str]


@dataclass(frozen=True)
class Pack:
    """All of one school's content. Frozen: a changed pack is a newly loaded one."""

    school: School
    rules: tuple[RuleFile, ...]
    crisis: CrisisFile
    topics: tuple[Topic, ...]
    check: CheckFile
    lexicon: Lexicon
    texts: Mapping[str, Local]

    def __repr__(self) -> str:
        """Short: a pack is half a megabyte of text."""
        return f"Pack({self.school.name!r}, version={self.school.version!r})"

    @property
    def main_language(self) -> Language:
        """The language spoken to whoever's language is not known."""
        return self.school.languages[0]

    def spoken(self, code: str | None) -> Language:
        """The language for a code such as ``en-GB``; the main one where the pack has no such."""
        known = (code or "").lower()[:2]
        return next((lang for lang in self.school.languages if lang == known), self.main_language)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels in the order of the files, letters right after their rule."""
        return tuple(self._parts)

    @cached_property
    def rule_ids(self) -> tuple[str, ...]:
        """Rule ids without letters, in the order of the files."""
        return tuple(rule.id for rule in self.rules)

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """Every situation of every rule, in order."""
        return tuple(situation for rule in self.rules for situation in rule.situations)

    @cached_property
    def quiz(self) -> tuple[QuizItem, ...]:
        """Every quiz item of every rule, in order."""
        return tuple(item for rule in self.rules for item in rule.quiz)

    @cached_property
    def _parts(self) -> dict[str, tuple[RuleFile, RuleFile | SubRule]]:
        found: dict[str, tuple[RuleFile, RuleFile | SubRule]] = {}
        for rule in self.rules:
            found[rule.id] = (rule, rule)
            found.update((letter.id, (rule, letter)) for letter in rule.letters)
        return found

    @cached_property
    def _situations(self) -> dict[str, Situation]:
        return {situation.id: situation for situation in self.situations}

    @cached_property
    def _topics(self) -> dict[str, Topic]:
        return {topic.id: topic for topic in self.topics}

    @cached_property
    def _crisis_cases(self) -> dict[str, CrisisCase]:
        return {case.id: case for case in self.crisis.cases}

    @cached_property
    def _help_lines(self) -> dict[str, HelpLine]:
        return {line.id: line for line in self.crisis.help_lines}

    @cached_property
    def _quiz_items(self) -> dict[str, QuizItem]:
        return {item.id: item for item in self.quiz}

    def has_label(self, label: str) -> bool:
        """Whether ``label`` is a rule or a letter of one."""
        return label in self._parts

    def label(self, named: str) -> str | None:
        """The label that was meant, in whatever case it was typed; None for anything else."""
        return next((label for label in self._parts if label.lower() == named.lower()), None)

    def number(self, label: str) -> str:
        """The rule id that a label belongs to: ``7`` for ``7c``. Raises UnknownIdError."""
        return self.rule_file(label).id

    def rule(self, label: str) -> RuleFile | SubRule:
        """The rule, or its lettered part; both have title, official and plain.

        Raises UnknownIdError.
        """
        return _found(self._parts, label, "rule")[1]

    def rule_file(self, label: str) -> RuleFile:
        """The whole rule that holds ``label``. Raises UnknownIdError."""
        return _found(self._parts, label, "rule")[0]

    def situation(self, id_: str) -> Situation:
        """The situation with this id. Raises UnknownIdError."""
        return _found(self._situations, id_, "situation")

    def topic(self, id_: str) -> Topic:
        """The topic with this id. Raises UnknownIdError."""
        return _found(self._topics, id_, "topic")

    def crisis_case(self, id_: str) -> CrisisCase:
        """The crisis case with this id. Raises UnknownIdError."""
        return _found(self._crisis_cases, id_, "crisis case")

    def help_line(self, id_: str) -> HelpLine:
        """The help line with this id. Raises UnknownIdError."""
        return _found(self._help_lines, id_, "help line")

    def quiz_item(self, id_: str) -> QuizItem:
        """The quiz item with this id. Raises UnknownIdError."""
        return _found(self._quiz_items, id_, "quiz item")

    def quiz_items(self, label: str) -> tuple[QuizItem, ...]:
        """Quiz items of a rule (its letters included), or of one letter. Raises UnknownIdError."""
        rule = self.rule_file(label)
        if rule.id == label:
            return rule.quiz
        return tuple(item for item in rule.quiz if item.rule == label)

    def text(self, key: str, lang: str, /, **values: object) -> str:
        """The bot text ``key`` in ``lang`` with ``{placeholders}`` filled in.

        Raises TextError, naming key and placeholder (never a value), when the text is missing or
        a placeholder was given no value.
        """
        local = self.texts.get(key)
        if local is None:
            raise TextError(f"no text with key {key!r}")
        try:
            return local.in_(lang).format(**values)
        except (KeyError, IndexError) as error:
            raise TextError(f"text {key!r} ({lang}): no value for {error}") from None

    def counts(self) -> Counts:
        """How much is in it; the opening (label 0) is not a rule."""
        return Counts(
            rules=sum(rule.id != OPENING for rule in self.rules),
            situations=len(self.situations),
            examples=sum(1 for _ in self.phrasings()),
            quiz_items=len(self.quiz),
            languages=list(self.school.languages),
        )

    def phrasings(self) -> Iterator[tuple[str, str]]:
        """Every example of every situation, crisis case and topic as ``(language, text)``."""
        for situation in self.situations:
            yield from situation.examples
            yield from situation.reports
        for case in self.crisis.cases:
            yield from case.examples
        for topic in self.topics:
            yield from topic.examples


def _found(table: Mapping[str, _Found], id_: str, what: str) -> _Found:
    try:
        return table[id_]
    except KeyError:
        raise UnknownIdError(f"no {what} with id {id_!r} in the pack") from None
