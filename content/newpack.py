"""The files of a new pack, from a school's answers and its own rules.

The school's words stand in it as they are; what a first school had to find out (chat spelling,
danger, small talk, the post check) comes from the shipped pack, without what is that school's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template
from typing import Any, Final

import yaml

from content.models import Language
from content.pack import OPENING, Pack
from content.protocol import Part, Protocol, clipped, read_protocol, sentences
from content.wording import in_words

SHIPPED: Final = Path(__file__).parent / "ecl"
STARTER: Final = Path(__file__).parent / "starter"
PLAIN: Final = 700
ANSWER: Final = 350
TITLE: Final = 40
SENTENCE: Final = 160
OWN_SENTENCES: Final = 6
OPTIONS: Final = 3
TAKEN: Final = {"reports": 8, "examples": 2}
"""Phrasings that are taken of each situation in the shipped pack, by language."""
_LIST: Final = re.compile(r"^(\s*rules: )\[.*\]$")
_EXAMPLE: Final = re.compile(r"^\s*- \"")
Entry = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """What is asked about a school. ``mentor`` is its own word for one, by language."""

    name: str
    full_name: str = ""
    city: str = "-"
    website: str = "-"
    language: Language = "nl"
    protocol: str = ""
    mentor_nl: str = "mentor"
    mentor_en: str = "mentor"
    system: str = "Magister"
    start: str = "08:30"
    end: str = "16:30"


class NewPack:
    """Makes the files; ``files()`` gives them by their name within the pack."""

    def __init__(self, answers: Answers, protocol: Protocol, shipped: Pack) -> None:
        self._answers, self._protocol, self._shipped = answers, protocol, shipped
        self._lang: Language = answers.language
        self._taken = {_plain(text) for text in self._foreign()}

    def files(self) -> dict[str, str]:
        """Name and text of every file."""
        found = {"school.yaml": self._school(), "rules/00-opening.yaml": self._opening()}
        for place, rule in enumerate(self._protocol.rules, start=1):
            name = f"rules/{place:02}-{_slug(rule.title) or 'rule'}.yaml"
            found[name] = self._written("rule", self._rule(rule))
        for name in ("crisis.yaml", "topics.yaml", "check.yaml"):
            found[name] = "\n".join(self._adapted(name)) + "\n"
        found["topics.yaml"] += self._unanswered()
        found["lexicon.yaml"] = (SHIPPED / "lexicon.yaml").read_text(encoding="utf-8")
        return found

    @cached_property
    def _phrases(self) -> Entry:
        text = (STARTER / "phrases.yaml").read_text(encoding="utf-8")
        found: Entry = yaml.safe_load(text)
        return found

    @property
    def _wording(self) -> dict[str, dict[str, str]]:
        said = {"nl": self._answers.mentor_nl, "en": self._answers.mentor_en}
        return {
            lang: {"mentor": word, "mentors": _plural(word), "mentoren": _plural(word)}
            for lang, word in said.items()
            if word != "mentor"
        }

    def _school(self) -> str:
        given = self._answers
        other: Language = "en" if self._lang == "nl" else "nl"
        values = {
            "name": given.name,
            "full_name": given.full_name or given.name,
            "city": given.city,
            "website": given.website,
            "protocol": given.protocol or given.full_name or given.name,
            "languages": [self._lang, other],
            "your_mentor_nl": f"je {given.mentor_nl}",
            "your_mentor_en": f"your {given.mentor_en}",
            "wording": self._wording,
            "start": given.start,
            "end": given.end,
        }
        text = (STARTER / "school.yaml").read_text(encoding="utf-8")
        # JSON is YAML, whatever signs a name holds
        return Template(text).substitute({k: _json(value) for k, value in values.items()})

    def _opening(self) -> str:
        said = self._phrases["opening"]
        text = self._protocol.opening or said["text"][self._lang].format(
            full_name=self._answers.full_name or self._answers.name
        )
        situations = [
            self._situation("0-for-whom", said["for_whom"], text, said["examples"]),
            {
                "id": "0-something-happened",
                "verdict": self._phrases["verdict"],
                "title": said["happened"],
                "answer": said["happened_answer"],
                "reports": {lang: list(self._told(lang)) for lang in ("nl", "en")},
            },
        ]
        entry = {"id": OPENING, "title": said["title"], "official": clipped(text, 2500)}
        entry |= {"plain": self._both(clipped(text, PLAIN)), "situations": situations}
        return self._written("opening", entry)

    def _told(self, lang: str, use: str = "reports") -> Iterator[str]:
        """How pupils tell that something happened (or ask, with ``examples``), whatever it is."""
        for situation in self._shipped.situations:
            texts = [t for t in getattr(getattr(situation, use), lang) if not self._own(t)]
            yield from (text for text in texts[: TAKEN[use]] if self._is_free(text))

    def _unanswered(self) -> str:
        """The topic of what pupils ask and the school's rules have no situation for yet."""
        said = self._phrases["unanswered"]
        examples = {lang: list(self._told(lang, "examples")) for lang in ("nl", "en")}
        entry = {"id": said["id"], "kind": "oos", "title": said["title"]}
        entry |= {"answer": said["answer"], "examples": examples}
        text = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=1000)
        comment: str = said["comment"]
        return "".join(f"  {line}\n" for line in (comment + text).splitlines())

    def _rule(self, rule: Part) -> Entry:
        entry: Entry = {"id": rule.label, "title": self._both(rule.title)}
        entry["official"] = "\n".join(rule.whole) or rule.title
        entry["plain"] = self._both(clipped(rule.text, PLAIN))
        if rule.parts:
            entry["letters"] = [
                {
                    "id": part.label,
                    "title": self._both(part.title),
                    "official": part.text,
                    "plain": self._both(clipped(part.text, PLAIN)),
                }
                for part in rule.parts
            ]
        entry["situations"] = [self._own_words(each) for each in (rule, *rule.parts)]
        quiz = list(self._quiz(rule))
        return entry | ({"quiz": quiz} if quiz else {})

    def _own_words(self, part: Part) -> Entry:
        """The situation that answers with, and is found by, the rule's own words."""
        templates = self._phrases["rule"]["examples"]
        title = part.title.rstrip("…").lower()
        examples = {
            lang: [text.format(label=part.label, title=title) for text in templates[lang]]
            for lang in ("nl", "en")
        }
        own = [part.title.rstrip("…"), *sentences(part.text)]
        short = [text for text in own if len(text) <= SENTENCE][: OWN_SENTENCES + 1]
        examples[self._lang] = [*short, *examples[self._lang]]
        slug = f"{part.label.lower().replace('.', '-')}-{_slug(part.title)}"[:47].strip("-")
        made = self._situation(slug, self._both(part.title), part.text, examples)
        return {"rule": part.label} | made

    def _situation(
        self, slug: str, title: Entry, text: str, examples: dict[str, list[str]]
    ) -> Entry:
        return {
            "id": slug,
            "verdict": self._phrases["verdict"],
            "title": {lang: clipped(said, TITLE) for lang, said in title.items()},
            "answer": self._both(clipped(text, ANSWER)),
            "examples": {
                lang: [text for text in texts if self._is_free(text)]
                for lang, texts in examples.items()
            },
        }

    def _quiz(self, rule: Part) -> Iterator[Entry]:
        others = [each for each in self._protocol.rules if each.title != rule.title]
        nearest = sorted(others, key=lambda each: abs(len(each.title) - len(rule.title)))
        options = [rule, *nearest[: OPTIONS - 1]]
        begin = rule.title.rstrip("…").casefold()
        said = (s for s in sentences(rule.text) if not s.casefold().startswith(begin))
        sentence = next(said, None)
        if len(options) < OPTIONS or sentence is None or len({o.title for o in options}) < OPTIONS:
            return
        words = self._phrases["quiz"]
        values = {"label": rule.label, "title": rule.title, "sentence": clipped(sentence, SENTENCE)}
        yield {
            "id": f"{rule.label.lower()}-q-own-words",
            "level": "12-13",
            "scenario": "false",
            "question": _filled(words["question"], values),
            "options": [self._both(each.title) for each in options],
            "explanation": _filled(words["explanation"], values),
        }

    def _adapted(self, name: str) -> Iterator[str]:
        """A file of the shipped pack without what is its school's: rules, name, habits."""
        yield from self._phrases["comments"]["shipped"].splitlines()
        for line in (SHIPPED / name).read_text(encoding="utf-8").splitlines():
            if _EXAMPLE.match(line):
                if not self._own(line):
                    yield line
            elif found := _LIST.match(line):
                yield f"{found[1]}[]"
            else:
                yield self._replaced(line)

    def _replaced(self, line: str) -> str:
        if line.lstrip().startswith("#"):
            return line
        values = {"name": self._answers.name, "system": self._answers.system}
        values["first"] = self._protocol.rules[0].label
        for old, new in self._phrases["replace"]:
            line = line.replace(old, _json(Template(new).substitute(values))[1:-1])
        lang = "en" if re.search(r"\ben: ", line) and not re.search(r"\bnl: ", line) else "nl"
        return in_words(line, self._wording.get(lang, {}))

    def _own(self, text: str) -> bool:
        words = set(re.findall(r"\w+", text.lower()))
        return any(word in words for word in self._phrases["own_words"])

    def _foreign(self) -> Iterator[str]:
        """Phrasings that the files from the shipped pack hold already."""
        for case in self._shipped.crisis.cases:
            yield from (text for _, text in case.examples)
        for topic in self._shipped.topics:
            yield from (text for _, text in topic.examples)

    def _is_free(self, text: str) -> bool:
        """Tell whether no case has this phrasing yet; from now on this one has."""
        key = _plain(text)
        free = bool(key) and key not in self._taken
        self._taken.add(key)
        return free

    def _both(self, text: str) -> Entry:
        return {"nl": text, "en": text}

    def _written(self, kind: str, entry: Entry) -> str:
        comment: str = self._phrases["comments"][kind]
        return comment + yaml.safe_dump(entry, allow_unicode=True, sort_keys=False, width=1000)


def from_sentences(rules: Sequence[str]) -> Protocol:
    """A protocol of rules given one by one, as ``Title: text`` or as text alone."""
    given = (" ".join(rule.split()).partition(": ") for rule in rules)
    lines = (f"{n}. {title}\n{text}" for n, (title, _, text) in enumerate(given, start=1))
    return read_protocol("\n".join(lines))


def _filled(texts: Entry, values: Entry) -> Entry:
    return {lang: text.format(**values) for lang, text in texts.items()}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith(("ch", "sh", "s", "x")) else f"{word}s"


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower())[:4])
