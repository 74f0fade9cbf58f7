"""A school of thirty classes around the real bot process, with pupils about to send a report."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from bot import reporting
from bot.demo import launcher
from bot.demo import webhook as stand_in
from bot.demo.actions import tap
from bot.demo.launcher import Demo
from bot.demo.process import BotProcess
from bot.demo.state import Person as Phone
from bot.reporting import Known
from storage import access, classes, drafts, people, roster, roster_file, staff
from storage.crypto import Vault
from storage.database import Database, _with_driver
from storage.tables import Draft, Inbox, Order, Person, Report
from tests.prove.weather import Weather
from tests.virtual import time_of, to_an_afternoon

P = ParamSpec("P")
T = TypeVar("T")
PUPILS = 30
FIRST_PUPIL, FIRST_MENTOR = 30_000, 40_000
READY_SECONDS = 600.0
SILENT_LOOKS = 5
REPEAT_SECONDS = 0.4
"""The stand-in repeats an update of a webhook at least this often while the bot is down."""
HEADER = "klas;mentor;mentor_code;plaatsvervanger;plaatsvervanger_code"


@dataclass
class Scene:
    """One playground with its own look at the database."""

    demo: Demo
    engine: Engine
    weather: Weather
    versions: dict[int, int] = field(default_factory=dict)
    """The version of each pupil's draft, which its buttons carry."""
    shown: dict[int, int] = field(default_factory=dict)
    """The message with the buttons that each pupil sees."""

    @property
    def pupils(self) -> range:
        """The Telegram ids of the pupils; every other one still has a question to answer."""
        return range(FIRST_PUPIL, FIRST_PUPIL + PUPILS)

    @property
    def mentors(self) -> range:
        """The Telegram ids of the mentors, one a class, one pupil each."""
        return range(FIRST_MENTOR, FIRST_MENTOR + PUPILS)

    @property
    def folder(self) -> Path:
        """Where the bot's process runs."""
        return self.demo.folder

    @property
    def is_sqlite(self) -> bool:
        """Whether the bot has the database for itself."""
        return self.engine.dialect.name == "sqlite"

    def look(
        self, question: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Read from the database, in nobody's way: without the lock that ``Database`` takes."""
        with Session(self.engine) as session:
            return question(session, *args, **kwargs)

    def now(self) -> datetime:
        """The playground's time."""
        return time_of(self.demo)

    def later(self, span: timedelta) -> None:
        """Move the playground's time on."""
        clock = self.demo.state.clock
        clock.move(clock.offset + span.total_seconds())

    def texts(self, who: int) -> list[str]:
        """Return what stands in somebody's chat, oldest first."""
        messages = self.demo.state.chats[who].messages.values()
        return [str(message.wire.get("text", "")) for message in messages]

    def show(self) -> None:
        """Put under each pupil's eyes what the bot asked last."""
        state = self.demo.state
        for who, version in self.versions.items():
            choice = "danger:no" if who % 2 else "preview:send"
            button = {"text": "…", "callback_data": f"draft:{version}:{choice}"}
            asked = {"text": "…", "reply_markup": {"inline_keyboard": [[button]]}}
            message = state.post(state.chats[who], state.bot_user(), asked)
            self.shown[who] = int(message.wire["message_id"])

    async def silent(self) -> None:
        """Return when the stand-in has read to its end what a dead process had sent."""
        looks = 0
        while looks < SILENT_LOOKS:
            await asyncio.sleep(0.02)
            looks = 0 if self.demo.server.connections else looks + 1

    def press(self, who: int, data: str) -> None:
        """Let a pupil tap a button."""
        state = self.demo.state
        tap(state, state.person(who), {"message_id": self.shown[who], "data": data})


async def prepare(database_url: str, key: str) -> None:
    """Put the school in an empty, migrated database: thirty pupils in mid-dialogue."""
    db = Database(database_url, Vault.from_setting(key))
    now = datetime.now(UTC) + timedelta(seconds=to_an_afternoon(datetime.now(UTC)))
    try:
        await db.run(_prepare, now)
    finally:
        await db.close()


@asynccontextmanager
async def scene(
    database_url: str,
    key: str,
    *,
    webhook: bool,
    command: Sequence[str],
    env: dict[str, str],
    weather: Weather,
    process: type[BotProcess] = BotProcess,
) -> AsyncIterator[Scene]:
    """Start the playground on a prepared database; nothing is sent yet."""
    more = env | (_webhook_env() if webhook else {})
    vars(launcher).update(BotProcess=process)
    demo = Demo(
        0, database_url=database_url, secret_key=key, welcome=False, command=command, env=more
    )
    more["PROOF_FOLDER"] = str(demo.folder)
    demo.state.faults = weather
    demo.state.clock.move(to_an_afternoon(datetime.now(UTC)))
    for number in range(PUPILS):
        _add_person(demo, f"pupil{number}", FIRST_PUPIL + number)
        _add_person(demo, f"mentor{number}", FIRST_MENTOR + number)
    engine = create_engine(_with_driver(database_url))
    stand_in.LONGEST_PAUSE = REPEAT_SECONDS
    try:
        async with demo:
            played = Scene(demo, engine, weather)
            played.versions = played.look(_versions)
            played.show()
            await _ready(demo)
            yield played
    finally:
        vars(launcher).update(BotProcess=BotProcess)
        engine.dispose()


async def _ready(demo: Demo) -> None:
    """Wait until the bot asks for updates, or has said where to bring them."""
    async with asyncio.timeout(READY_SECONDS):
        while not (demo.state.polled or demo.state.webhook):
            await asyncio.sleep(0.02)


def stored(session: Session) -> dict[int, int]:
    """Return how many reports each pupil has in the database."""
    query = select(Person.telegram_id, func.count(Report.id)).join(
        Report, Report.person_id == Person.id
    )
    rows = session.execute(query.group_by(Person.telegram_id)).all()
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Work:
    """What the bot has to do.

    ``in_hand``: orders leased by a process, by chat. ``due_by``: when the last of the chats may be
    tried. ``updates``: those taken in and not handled, by person.
    """

    orders: int
    in_hand: Counter[int]
    due_by: datetime
    updates: Counter[int]


def work(session: Session, now: datetime) -> Work:
    """Look at outbox and inbox."""
    orders = session.scalars(select(Order).where(Order.done_at.is_(None)).order_by(Order.seq))
    first: dict[int, datetime] = {}
    in_hand: Counter[int] = Counter()
    count = 0
    for order in orders:
        count += 1
        in_hand[order.chat_id] += order.lease_by is not None
        first.setdefault(order.chat_id, max(order.due_at, order.lease_until or order.due_at))
    taken = select(Inbox.telegram_id).where(Inbox.set_aside_at.is_(None))
    updates = Counter(who for who in session.scalars(taken) if who is not None)
    return Work(count, +in_hand, max(first.values(), default=now), updates)


def numbers(session: Session) -> dict[int, str]:
    """Return the number of each pupil's report."""
    query = select(Person.telegram_id, Report.number).join(Report, Report.person_id == Person.id)
    return {row[0]: row[1] for row in session.execute(query).all()}


def _add_person(demo: Demo, key: str, user_id: int) -> None:
    demo.state.add_person(Phone(key, user_id, key.title(), started=True))


def _prepare(session: Session, now: datetime) -> None:
    rows = [f"P{n};Mentor Nummer{n};M{n};;" for n in range(PUPILS)]
    roster.apply(session, roster_file.read("\n".join([HEADER, *rows]).encode()), now)
    session.flush()
    labels = {each.label: each.id for each in classes.active(session)}
    for number in range(PUPILS):
        _give_access(session, f"M{number}", FIRST_MENTOR + number, now)
        who = FIRST_PUPIL + number
        people.join_class(session, who, labels[f"P{number}"], f"Pupil Nummer{number}", now)
        _draft(session, who, now, last_question=number % 2 == 1)


def _versions(session: Session) -> dict[int, int]:
    return {row.telegram_id: row.version for row in session.scalars(select(Draft))}


def _give_access(session: Session, code: str, account: int, now: datetime) -> None:
    member = staff.by_code(session, code)
    if member is None:
        raise LookupError(code)
    link = access.invite(session, member.id, now)
    session.flush()
    access.open_invite(session, link, account, now)
    session.flush()
    access.confirm(session, member.id, now)


def _draft(session: Session, who: int, now: datetime, *, last_question: bool) -> None:
    data = reporting.begin("nl", Known(named=True, in_class=True), what=f"wat er was bij {who}")
    data |= {"app": "WhatsApp", "when": "Vandaag", "who": None, "staff": [], "rule": "1"}
    if not last_question:
        data["danger"] = False
    step = reporting.next_step(data)
    drafts.save(session, who, "report", step, data, now, version=None)


def _webhook_env() -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "VUISTREGEL_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "VUISTREGEL_WEBHOOK_SECRET": "proof-secret",
        "VUISTREGEL_HTTP_LISTEN": f"127.0.0.1:{port}",
    }
