"""A school of twenty classes around the real bot process, with pupils about to send a report."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import reporting
from bot.demo.launcher import Demo
from bot.demo.state import Person as Phone
from bot.reporting import Known
from storage import access, classes, drafts, people, roster, roster_file, staff
from storage.crypto import Vault, new_key
from storage.database import Database
from storage.tables import Order, Person, Report

PUPILS = 20
FIRST_PUPIL, FIRST_MENTOR = 30_000, 40_000
COMMAND = (sys.executable, "-m", "bot", "run")
HEADER = "klas;mentor;mentor_code;plaatsvervanger;plaatsvervanger_code"


@dataclass
class Scene:
    """One playground with its own look at the database."""

    demo: Demo
    db: Database
    versions: dict[int, int] = field(default_factory=dict)
    """The version of each pupil's draft, which its buttons carry."""

    @property
    def pupils(self) -> range:
        """The Telegram ids of the pupils; every other one still has a question to answer."""
        return range(FIRST_PUPIL, FIRST_PUPIL + PUPILS)

    @property
    def mentors(self) -> range:
        """The Telegram ids of the mentors, one a class, one pupil each."""
        return range(FIRST_MENTOR, FIRST_MENTOR + PUPILS)


@asynccontextmanager
async def scene(
    database_url: str,
    *,
    webhook: bool,
    command: Sequence[str] = (sys.executable, "-m", "bot", "run"),
) -> AsyncIterator[Scene]:
    """Start the playground with twenty pupils in mid-dialogue; nothing is sent yet."""
    key = new_key()
    demo = Demo(
        0,
        database_url=database_url,
        secret_key=key,
        welcome=False,
        command=command,
        env=_webhook_env() if webhook else {},
    )
    db = Database(database_url, Vault.from_setting(key))
    try:
        async with demo:
            played = Scene(demo, db)
            for number in range(PUPILS):
                _add_person(demo, f"pupil{number}", FIRST_PUPIL + number)
                _add_person(demo, f"mentor{number}", FIRST_MENTOR + number)
            played.versions = await db.run(_prepare, datetime.now(UTC))
            yield played
    finally:
        await db.close()


def stored(session: Session) -> dict[int, int]:
    """Return how many reports each pupil has in the database."""
    query = select(Person.telegram_id, func.count(Report.id)).join(
        Report, Report.person_id == Person.id
    )
    rows = session.execute(query.group_by(Person.telegram_id)).all()
    return {row[0]: row[1] for row in rows}


def waiting(session: Session) -> int:
    """Return how many orders are not done."""
    query = select(func.count()).select_from(Order).where(Order.done_at.is_(None))
    return session.scalar(query) or 0


def unsure(session: Session) -> int:
    """Return how many sends have an outcome that nobody knows."""
    return session.scalar(select(func.coalesce(func.sum(Order.unsure), 0))) or 0


def _add_person(demo: Demo, key: str, user_id: int) -> None:
    demo.state.add_person(Phone(key, user_id, key.title(), started=True))


def _prepare(session: Session, now: datetime) -> dict[int, int]:
    rows = [f"P{n};Mentor Nummer{n};M{n};;" for n in range(PUPILS)]
    roster.apply(session, roster_file.read("\n".join([HEADER, *rows]).encode()), now)
    session.flush()
    labels = {each.label: each.id for each in classes.active(session)}
    versions = {}
    for number in range(PUPILS):
        _give_access(session, f"M{number}", FIRST_MENTOR + number, now)
        who = FIRST_PUPIL + number
        people.join_class(session, who, labels[f"P{number}"], f"Pupil Nummer{number}", now)
        versions[who] = _draft(session, who, now, last_question=number % 2 == 1)
    return versions


def _give_access(session: Session, code: str, account: int, now: datetime) -> None:
    member = staff.by_code(session, code)
    if member is None:
        raise LookupError(code)
    link = access.invite(session, member.id, now)
    session.flush()
    access.open_invite(session, link, account, now)
    session.flush()
    access.confirm(session, member.id, now)


def _draft(session: Session, who: int, now: datetime, *, last_question: bool) -> int:
    data = reporting.begin("nl", Known(named=True, in_class=True), what=f"wat er was bij {who}")
    data |= {"app": "WhatsApp", "when": "Vandaag", "who": None, "staff": [], "rule": "1"}
    if not last_question:
        data["danger"] = False
    step = reporting.next_step(data)
    return drafts.save(session, who, "report", step, data, now, version=None).version


def _webhook_env() -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "VUISTREGEL_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "VUISTREGEL_WEBHOOK_SECRET": "proof-secret",
        "VUISTREGEL_HTTP_LISTEN": f"127.0.0.1:{port}",
    }
