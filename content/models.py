"""The shape of a content pack: what each file in it holds, as frozen typed models.

A pack is a folder: ``school.yaml``, ``rules/NN-name.yaml`` (one file a rule), ``crisis.yaml``,
``topics.yaml``, ``check.yaml``, ``lexicon.yaml`` and ``texts/*.yaml``. Telegram's limits are in
``content.limits``; ``content.loader`` reads a pack and names file, line and field of what is wrong.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Label = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.\-]{1,12}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,47}$")]
Language = Literal["nl", "en"]
Verdict = Literal["no", "conditional", "yes", "info"]
Kind = Literal["ask", "report", "crisis", "meta", "smalltalk", "oos"]
Level = Literal["12-13", "14-15", "16-18"]


_FIELDS_SET: set[str] = set()


class Model(BaseModel):
    """Frozen, and strict about field names: a typing error in a pack must not pass unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_post_init(self, _: object) -> None:
        """Forget which fields were given, which nobody asks: a megabyte over a whole pack."""
        object.__setattr__(self, "__pydantic_fields_set__", _FIELDS_SET)


class Local(Model):
    """One text in both languages. A pack with one language repeats it."""

    nl: Text
    en: Text

    def in_(self, lang: str) -> str:
        """Return the text in ``lang``; Dutch where the language is unknown."""
        return self.en if lang == "en" else self.nl


class Phrasings(Model):
    """How pupils say it, by language; a message that mixes both stands with its main language."""

    nl: tuple[Text, ...] = ()
    en: tuple[Text, ...] = ()

    def __iter__(self):  # type: ignore[no-untyped-def]
        """Yield ``(language, phrasing)`` pairs."""
        yield from (("nl", text) for text in self.nl)
        yield from (("en", text) for text in self.en)


class Situation(Model):
    """One concrete case of a rule: its verdict, its short answer and how pupils ask or tell it."""

    id: Slug
    rule: Label | None = None
    """The rule's label, letter included; the file's own rule where it is left out."""
    also: tuple[Label, ...] = ()
    """Other rules that apply, most telling first."""
    verdict: Verdict
    title: Local
    """At most 40 characters: it stands on a button of "bedoel je …?"."""
    answer: Local
    """Why, in at most three short sentences, without the verdict word in front."""
    examples: Phrasings = Phrasings()
    """Phrasings of the question (kind ``ask``)."""
    reports: Phrasings = Phrasings()
    """Phrasings of it having happened or happening (kind ``report``)."""


class QuizItem(Model):
    """One question of the quiz. The first option is the right one; the bot shuffles them."""

    id: Slug
    rule: Label | None = None
    level: Level
    scenario: bool = True
    question: Local
    options: tuple[Local, ...] = Field(min_length=2, max_length=4)
    explanation: Local
    """Names the rule; at most 200 characters (Bot API, sendPoll)."""


class SubRule(Model):
    """A lettered part of a rule, such as 7c."""

    id: Label
    title: Local
    official: Text
    plain: Local


class RuleFile(Model):
    """One rule with all that belongs to it."""

    id: Label
    title: Local
    official: Text
    """The school's own words, as they stand."""
    plain: Local
    letters: tuple[SubRule, ...] = ()
    situations: tuple[Situation, ...] = ()
    quiz: tuple[QuizItem, ...] = ()


class HelpLine(Model):
    """A place outside school that helps. ``source`` says where the facts were seen."""

    id: Slug
    name: Text
    contact: Local
    note: Local
    source: Text


class CrisisCase(Model):
    """One kind of danger: how it is told, which lines are shown first, what is said."""

    id: Slug
    steps: Literal["crisis", "home", "sexual", "staff"] = "crisis"
    """Which steps the receiving mentor is shown; ``staff``: a sexual matter with staff."""
    rules: tuple[Label, ...] = ()
    lines: tuple[Slug, ...] = Field(min_length=1)
    title: Local
    answer: Local
    examples: Phrasings
    signals: Phrasings = Phrasings()
    """Short telling phrases ("maak mezelf dood"): one of them in a message is enough."""


class CrisisFile(Model):
    """Danger, and what looks like it but is not."""

    help_lines: tuple[HelpLine, ...]
    cases: tuple[CrisisCase, ...]
    harmless: Phrasings = Phrasings()
    """Phrases with crisis words that are no crisis ("ik ga dood van het lachen")."""


class Topic(Model):
    """Something the rules do not answer: talk about the bot, small talk, out of scope."""

    id: Slug
    kind: Literal["meta", "smalltalk", "oos"]
    title: Local
    answer: Local
    examples: Phrasings


class TopicsFile(Model):
    """All topics."""

    topics: tuple[Topic, ...]


class CheckAnswer(Model):
    """One button of the post check: to another question, or to an outcome."""

    label: Local
    to: Slug


class CheckQuestion(Model):
    """One question of the post check."""

    id: Slug
    text: Local
    answers: tuple[CheckAnswer, ...] = Field(min_length=2)


class CheckOutcome(Model):
    """Where a post check ends."""

    id: Slug
    verdict: Verdict
    rules: tuple[Label, ...]
    text: Local
    help_lines: tuple[Slug, ...] = ()
    offer_report: bool = False
    offer_delete: bool = True


class CheckFile(Model):
    """The post check as a tree; ``start`` names the first question."""

    start: Slug
    questions: tuple[CheckQuestion, ...]
    outcomes: tuple[CheckOutcome, ...]


class Lexicon(Model):
    """The words the matcher needs to know, each a plain list that a teacher can extend."""

    spellings: dict[str, str] = {}
    """Chat spelling to full words: ``k: ik``, ``ofnie: of niet``."""
    concepts: dict[str, tuple[str, ...]] = {}
    """Words for the same thing: ``photo: [foto, pic, kiekje, snap]``."""
    stopwords: tuple[str, ...] = ()
    question_marks: Phrasings = Phrasings()
    """Words that open or mark a question: mag, kan, is het erg als, what if."""
    telling_marks: Phrasings = Phrasings()
    """Words that mark an account of what happened: heeft, hebben, is gaan, they posted."""
    names: tuple[str, ...] = ()
    """Frequent first names, read as "somebody"."""
    follow_ups: Phrasings = Phrasings()
    """Openings of a follow-up: "en als", "maar wat als", "and if"."""
    yes: Phrasings = Phrasings()
    """Words that say yes beside the button's own: jazeker, klopt, yeah."""
    no: Phrasings = Phrasings()
    """Words that say no: nope, niemand, not."""
    beside_yes_no: Phrasings = Phrasings()
    """Words that may stand beside a no and leave it one: hoor, gelukkig, really."""


class DayPart(Model):
    """A span on the school's clock, as HH:MM in the school's time zone."""

    start: time
    end: time


class Holiday(Model):
    """School holiday, first and last day included."""

    name: Local
    first: date
    last: date


class Terms(Model):
    """How soon a report should be seen and answered, by the school clock; urgent by the wall's."""

    seen_school_hours: int = Field(gt=0)
    answer_school_days: int = Field(gt=0)
    urgent_minutes: int = Field(gt=0)
    class_quiz_idle_minutes: int = Field(default=1440, gt=0)
    """After so long without a press a class quiz closes by itself."""


class Retention(Model):
    """Days that each kind of data is kept."""

    closed_reports: int = Field(ge=30)
    kept_questions: int = Field(gt=0)
    drafts: int = Field(gt=0)
    handled_updates: int = Field(gt=0)
    inactive_people: int = Field(gt=0)
    left_staff: int = Field(default=730, gt=0)
    """After leaving; who is named by a report that is kept goes with that report."""


class Limits(Model):
    """How often one pupil can report (urgent ones are marked, never refused)."""

    reports_per_hour: int = Field(gt=0)
    reports_per_day: int = Field(gt=0)


class School(Model):
    """The school itself; everything that another school would fill in differently."""

    version: Text
    name: Text
    full_name: Text
    city: Text
    website: Text
    protocol: Local
    timezone: Text = "Europe/Amsterdam"
    languages: tuple[Language, ...] = Field(("nl", "en"), min_length=1)
    """The first is spoken to whoever's language is not known."""
    roles: dict[str, Local]
    """Names of the roles: mentor, deputy, coordinator, confidential, board, administrator."""
    wording: dict[Language, dict[Text, Text]] = {}
    """What the shipped texts call otherwise than this school: ``{en: {mentor: tutor}}``."""
    apps: tuple[Text, ...]
    """Names on the buttons of "where did it happen"."""
    school_hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], DayPart]
    lesson_hours: dict[str, tuple[DayPart, ...]] = {}
    """Empty where unknown: then every school hour counts as a lesson."""
    night: DayPart
    holidays: tuple[Holiday, ...]
    terms: Terms
    retention: Retention
    limits: Limits


class TextsFile(Model):
    """Bot texts by key."""

    texts: dict[str, Local]
