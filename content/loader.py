"""Read a content pack from its folder, and say everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from content.checks import check_pack
from content.errors import PackError, Problem
from content.models import (
    CheckFile,
    CrisisFile,
    Lexicon,
    Local,
    Model,
    RuleFile,
    School,
    TextsFile,
    TopicsFile,
)
from content.pack import Pack
from content.startup import no_collection
from content.wording import said_as
from content.yamlfile import YamlFile, read_yaml

ECL = Path(__file__).parent / "ecl"
"""The pack that is shipped with the bot; its texts stand in where another pack has none."""
GENERAL = "general.yaml"
"""Beside it: what its texts say of its own rules, said so that it holds for any school."""

_Model = TypeVar("_Model", bound=Model)


def load_pack(path: Path | None = None) -> Pack:
    """Load and validate the pack in the folder ``path``; the shipped ECL pack for None.

    Raises PackError with every problem found (file, line, field, message); never another error
    for what is in or missing from the folder.
    """
    with no_collection():
        pack, problems = read_pack(ECL if path is None else path)
    if problems or pack is None:
        raise PackError(problems)
    return pack


def read_pack(path: Path) -> tuple[Pack | None, list[Problem]]:
    """Load as much as there is: the pack (None when a file cannot be used) and all problems."""
    if not path.is_dir():
        return None, [Problem(path.name or str(path), 0, "", "there is no such folder")]
    reading = _Reading(path)
    school = reading.model("school.yaml", School)
    rules = reading.rules()
    crisis = reading.model("crisis.yaml", CrisisFile)
    topics = reading.model("topics.yaml", TopicsFile)
    check = reading.model("check.yaml", CheckFile)
    lexicon = reading.model("lexicon.yaml", Lexicon)
    texts = reading.texts(school)
    # A rule file that is wrong would make every mention of its labels look unknown.
    if not (school and rules and crisis and topics and check and lexicon) or reading.broken_rules:
        return None, reading.problems
    pack = Pack(school, tuple(rules), crisis, topics.topics, check, lexicon, texts)
    problems = check_pack(pack, reading.files)
    return pack, [*reading.problems, *problems]


@dataclass
class _Reading:
    """The files of one pack while it is read."""

    path: Path
    files: dict[str, YamlFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken_rules: bool = False

    def model(self, name: str, kind: type[_Model]) -> _Model | None:
        """One file as a model; None, with the problems noted, when it does not fit."""
        file = read_yaml(self.path / name, name)
        if isinstance(file, Problem):
            self.problems.append(file)
            return None
        self.problems += file.repeated
        if kind is RuleFile:
            _fill_in_rule(file.data)
        try:
            model = kind.model_validate(file.data)
        except ValidationError as error:
            self.problems += _problems(file, error)
            return None
        self.files[name] = file
        return model

    def rules(self) -> list[RuleFile]:
        """All rule files, in the order of their names."""
        names = _yaml_names(self.path, "rules")
        if not names:
            self.problems.append(Problem("rules", 0, "", "the folder has no .yaml file"))
        found = [self.model(name, RuleFile) for name in names]
        self.broken_rules = any(rule is None for rule in found)
        return [rule for rule in found if rule is not None]

    def texts(self, school: School | None = None) -> dict[str, Local]:
        """The pack's texts over those of the shipped pack, which are put in the school's words."""
        found: dict[str, Local] = {}
        for name in _yaml_names(self.path, "texts"):
            file = self.model(name, TextsFile)
            for key, text in (file.texts if file else {}).items():
                if key in found:
                    where = self.files[name]
                    self.problems.append(where.problem(("texts", key), "a second text by this key"))
                found[key] = text
        shipped = _shipped_texts(self.path)
        return {**(said_as(shipped, school.wording) if school else shipped), **found}


def _shipped_texts(path: Path) -> Mapping[str, Local]:
    if path.resolve() == ECL.resolve():
        return {}
    reading = _Reading(ECL)
    texts = reading.texts()
    general = _Reading(ECL.parent)
    held = general.model(GENERAL, TextsFile)
    if reading.problems or general.problems:
        raise PackError([*reading.problems, *general.problems])
    return {**texts, **(held.texts if held else {})}


def _yaml_names(path: Path, folder: str) -> list[str]:
    return sorted(f"{folder}/{found.name}" for found in (path / folder).glob("*.yaml"))


def _fill_in_rule(data: Any) -> None:
    """Give situations and quiz items without a rule that of their file."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return
    for key in ("situations", "quiz"):
        items = data.get(key)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                item.setdefault("rule", data["id"])


def _problems(file: YamlFile, error: ValidationError) -> Iterable[Problem]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        yield file.problem(one["loc"], one["msg"])
