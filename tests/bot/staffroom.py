"""A small school around the world of the tests: its people, a whole report, and the sweep."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from telegram.error import TelegramError

from bot.delivery import Delivery
from storage.sealing import seal
from storage.tables import Person, Post, Report, SchoolClass, Staff
from tests.bot.telegram import Bubble, Telegram, plain
from tests.bot.world import START, World

NOOR: Final = 1001
SEM: Final = 1002
STRANGER: Final = 1003
VOS: Final = 2001
KOK: Final = 2002
DEMIR: Final = 2003
SMIT: Final = 2004
BOSMAN: Final = 2005
MULDER: Final = 2006
TIMMER: Final = 2007
ADMIN: Final = 900

STAFF: Final = {
    VOS: ("Marit Vos", "mentor", "H3b"),
    KOK: ("Lotte Koekkoek", "mentor", "H3b"),
    DEMIR: ("Aylin Demir", "deputy", "H3b"),
    SMIT: ("Karel Smit", "coordinator", "H3b"),
    BOSMAN: ("Ineke Bosman", "confidential", None),
    MULDER: ("Henk Mulder", "board", None),
    TIMMER: ("Tom Timmer", "mentor", "V5a"),
}
PUPILS: Final = {NOOR: ("Noor Bakker", "H3b"), SEM: ("Sem Jansen", "H3b")}
WHAT: Final = "iemand uit mijn klas zet steeds fotos van mij op insta zonder te vragen"


def staff_id(account: int) -> str:
    """Return the id behind a test account; as long as real ones are."""
    return str(account).ljust(32, "0")


def class_id(label: str) -> str:
    """Return the id of a class, as long as real ones are."""
    return label.lower().ljust(32, "0")


def found(session: Session, present: frozenset[int]) -> None:
    """Put the classes, the ``present`` staff and two pupils in the database."""
    for label in ("H3b", "V5a"):
        session.add(SchoolClass(id=class_id(label), label=label, label_key=label.casefold()))
    session.flush()
    for rank, account in enumerate(sorted(present)):
        name, role, post = STAFF[account]
        sid = staff_id(account)
        sealed = seal(session, name, "staff.name_sealed", sid)
        member = Staff(
            id=sid, code=f"C{account}", name_sealed=sealed, telegram_id=account, confirmed_at=START
        )
        session.add(member)
        session.flush()
        held = class_id(post) if post else None
        session.add(Post(staff_id=sid, role=role, class_id=held, rank=rank))
    for account, (name, own) in PUPILS.items():
        pid = staff_id(account)
        sealed = seal(session, name, "people.name_sealed", pid)
        session.add(
            Person(
                id=pid,
                telegram_id=account,
                name_sealed=sealed,
                class_id=class_id(own),
                code=str(account),
                joined_at=START,
                created_at=START,
                seen_at=START,
            )
        )
    session.flush()


class Failures(dict[int, BaseException]):
    """Failures of handlers, remembered although ``Handling`` takes them out again."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[BaseException] = []

    def __setitem__(self, update_id: int, error: BaseException) -> None:
        super().__setitem__(update_id, error)
        if not isinstance(error, TelegramError):  # what Telegram refuses on purpose is no bug
            self.seen.append(error)


async def open_school(world: World, *absent: int) -> World:
    """Open the school with all staff but ``absent``, and one mentor unless Kok is asked for."""
    world.services.failures = Failures()
    await world.run(found, frozenset(STAFF) - set(absent))
    return world


async def fill_in(world: World, who: int, what: str = WHAT, /, **answers: str) -> Bubble:
    """Go through the dialogue up to the preview; ``answers`` are labels, or words with a ~."""
    given = {
        "app": "Instagram",
        "when": "Gisteren",
        "who": "Overslaan",
        "staff": "Nee",
        "danger": "Nee",
    }
    given |= answers
    await world.say(who, "/melden")
    shown = await world.say(who, what)
    asked = {
        "Waar gebeurde": "app",
        "Wanneer was": "when",
        "Wie waren": "who",
        "Gaat het over iemand": "staff",
        "Gaat je melding over": "staff",
        "Om wie gaat het": "staff_name",
        "iets seksueels": "sexual",
        "In welke klas": "class",
        "in gevaar": "danger",
    }
    while "Dit wordt verstuurd" not in shown.text:
        step = next(s for words, s in asked.items() if words in shown.text)
        answer = given[step]
        if answer.startswith("~"):
            shown = await world.say(who, answer[1:])
        else:
            shown = await world.tap(who, answer, shown)
    return shown


async def report(world: World, who: int = NOOR, what: str = WHAT, /, **answers: str) -> str:
    """Make a whole report, deliver it, and return its id."""
    await fill_in(world, who, what, **answers)
    await world.tap(who, "Versturen")
    await deliver(world)
    return str(await world.run(newest))


def newest(session: Session) -> str | None:
    """Return the id of the report that was made last."""
    return session.scalar(select(Report.id).order_by(Report.number.desc()).limit(1))


def row(session: Session, report_id: str) -> dict[str, Any]:
    """Return the columns of a report."""
    found = session.get_one(Report, report_id, populate_existing=True)
    return {column.name: getattr(found, column.key) for column in Report.__table__.columns}


async def deliver(world: World) -> None:
    """Send all that is due."""
    worker = Delivery(world.app, world.services)
    while await worker.batch():
        pass


def got(world: World, who: int) -> str:
    """Return everything that was ever sent to a chat, also what was edited away."""
    texts = [
        plain(str(call.params.get("text") or call.params.get("caption") or ""))
        for call in world.telegram.calls
        if str(call.params.get("chat_id")) == str(who)
    ]
    return "\n".join(texts)


class _Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.wrong |= not self.open or self.open.pop() != tag


def refused(telegram: Telegram) -> list[str]:
    """Return what the Bot API would refuse of all calls so far."""
    problems = []
    for call in telegram.calls:
        text = str(call.params.get("text", ""))
        if call.method == "sendMessage" and not text.strip():
            problems.append("empty")
        if len(plain(text).encode("utf-16-le")) // 2 > 4096:
            problems.append(f"too long: {len(plain(text))}")
        nesting = _Nesting()
        nesting.feed(text)
        if nesting.wrong or nesting.open or re.search(r"&(?!lt;|gt;|amp;|quot;)", text):
            problems.append(f"bad HTML: {text[:80]}")
        markup = call.params.get("reply_markup") or {}
        buttons = [b for line in markup.get("inline_keyboard", []) for b in line]
        problems += [
            str(b)
            for b in buttons
            if len(str(b.get("callback_data", "")).encode()) > 64 or not b["text"].strip()
        ]
        if len(buttons) > 100 or [] in markup.get("inline_keyboard", []):
            problems.append(f"{len(buttons)} buttons")
    return problems


def sound(world: World) -> None:
    """Assert that nothing failed, and that Telegram would have taken every call."""
    assert isinstance(world.services.failures, Failures)
    assert world.services.failures.seen == []
    assert refused(world.telegram) == []
