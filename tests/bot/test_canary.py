"""Canary words through every flow and every fault: in no log, metric, error, repr or raw byte."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import logging
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import structlog
from prometheus_client import generate_latest
from sqlalchemy import text, update
from sqlalchemy.orm import Session
from telegram import Update
from telegram.error import NetworkError, TimedOut
from telegram.ext import TypeHandler

from bot import logs
from bot.alarm import Watch
from bot.delivery import Delivery
from bot.polling import Poller
from bot.upkeep import JOBS, Upkeep
from bot.web import SECRET_HEADER, WEBHOOK_PATH, create_web
from storage import access, classes, inbox, overview, people, privacy, rekey, sending
from storage.crypto import Vault
from storage.inbox import TakenIn
from storage.tables import Inbox, Report
from tests.bot.staffroom import (
    DEMIR,
    KOK,
    NOOR,
    SEM,
    STRANGER,
    VOS,
    class_id,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    staff_id,
)
from tests.bot.world import World
from tests.storage.test_raw_bytes import dump, files, values

WORD: Final = "kanariewoord"
SURNAME: Final = "Vogelzang"
FILE: Final = "kanariebestand"
KEY: Final = base64.urlsafe_b64encode(bytes(range(32))).decode()
NAMES: Final = (SURNAME, "Bakker", "Jansen", "Koekkoek", "Timmer", "Canary", "canary")
LIBRARIES: Final = ("telegram", "httpx", "httpcore", "sqlalchemy", "uvicorn", "asyncio")
FIELDS: Final = {"app": f"~{WORD} app", "when": f"~{WORD} toen", "who": f"~Piet {SURNAME}"}


class Broken(ValueError):
    """An error that the test itself put in the way, with the word in it."""

    def __init__(self) -> None:
        super().__init__(WORD)


class Watched:
    """What the flows leave behind outside the chats."""

    def __init__(self, world: World, fmt: str) -> None:
        self.world, self._fmt = world, fmt
        self.secrets = [WORD, FILE, *NAMES, "1:test", KEY, *KEY.split("=")[:1]]
        self.shown: list[str] = []
        self._run = world.services.db.run

    def listen(self) -> None:
        """Set the logs up as a process does, louder; after pytest put the test's stderr there."""
        logs.configure(self._fmt, "DEBUG")
        for name in ("", *LIBRARIES):
            logging.getLogger(name).setLevel(logging.DEBUG)

    async def run(self, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """Call an operation of storage, and note the repr of what it gives or raises."""
        try:
            result = await self._run(operation, *args, **kwargs)
        except Broken:
            raise
        except Exception as error:
            self.shown += [f"{each!r} {each}" for each in chain(error)]
            raise
        self.shown += reprs(result)
        return result

    def assert_silent(self, *places: str) -> None:
        """Assert that no place holds a secret, whatever the case."""
        for place in (*places, generate_latest().decode(), "\n".join(self.shown)):
            for secret in self.secrets:
                found = place.replace("test_canary.py", "").find(secret)
                assert found < 0, place[max(0, found - 200) : found + 100]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def reprs(result: Any) -> list[str]:
    """Return the repr of every object of ours in a result; plain values are what they are."""
    if dataclasses.is_dataclass(result):
        return [repr(result)]
    if isinstance(result, list | tuple | set | frozenset):
        return [shown for each in result for shown in reprs(each)]
    return []


@pytest.fixture(params=["json", "console"])
async def watched(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A school whose logs are as loud as can be, libraries included, with storage watched."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions
    for name in LIBRARIES:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    watch = Watched(world, request.param)
    monkeypatch.setattr(world.services.db, "run", watch.run)
    world.pass_time(hours=8)
    await open_school(world, KOK)
    yield watch
    root.handlers[:], root.level, logging.raiseExceptions = before
    structlog.reset_defaults()


async def join(watched: Watched) -> None:
    """Let a stranger scan the poster, and the mentor confirm; codes are secrets too."""
    world = watched.world
    expires = world.time + timedelta(days=30)
    code = await world.run(classes.new_code, class_id("H3b"), expires, world.time)
    letter = await world.run(access.invite, staff_id(DEMIR), world.time)
    watched.secrets += [code, letter]
    await world.say(STRANGER, f"/start c-{code}")
    await world.say(STRANGER, f"Kanaria {SURNAME}")
    digits = (await world.run(people.find, STRANGER)).code
    await world.say(VOS, "/klas")
    await world.tap(VOS, "Code bevestigen")
    await world.say(VOS, digits)
    await world.say(DEMIR, f"/start s-{letter}")
    await world.say(SEM, f"/start c-{WORD}")


async def ask(watched: Watched) -> None:
    """Ask, refuse, keep the question, check a picture with a caption, use a group and inline."""
    world = watched.world
    await world.say(NOOR, f"mag ik {WORD} {SURNAME} vermurwen?")
    await world.tap(NOOR, "Bewaar mijn vraag")
    await world.send(NOOR, photo=[{"file_id": FILE}], caption=f"{WORD} van {SURNAME}")
    await world.send(NOOR, voice={"file_id": FILE})
    await world.send(NOOR, contact={"phone_number": WORD, "first_name": SURNAME})
    await world.say(NOOR, f"https://{WORD}.nl/{SURNAME}")
    await world.say(NOOR, f"ik wil dood {WORD}")
    await world.say(NOOR, f"/{WORD} {WORD}")
    inline = {"id": "1", "from": world._user(NOOR), "query": WORD, "offset": ""}
    await world.update({"inline_query": inline})
    edited = world._message(NOOR) | {"text": WORD, "edit_date": 1}
    await world.update({"edited_message": edited})
    await world.update({"message": {"text": WORD}})
    await world.update({"poll_answer": {"poll_id": WORD, "option_ids": [0], "user": {"id": NOOR}}})


async def reports_(watched: Watched) -> None:
    """Make, answer, add to, correct, withdraw, pass on, close and reopen reports."""
    world = watched.world
    await report(world, NOOR, f"iemand appt steeds {WORD} naar mij", **FIELDS)
    await world.tap(VOS, "Lezen")
    await world.tap(VOS, "Antwoord")
    await world.say(VOS, f"antwoord {WORD}")
    await deliver(world)
    await world.tap(NOOR, "Antwoord")
    await world.say(NOOR, f"terug {WORD}")
    await report(world, STRANGER, f"ze plaatsen {WORD} over mij", **FIELDS)
    await world.say(STRANGER, "/meldingen")
    await world.tap(STRANGER, "M-2026")
    await world.tap(STRANGER, "Verbeteren")
    await world.say(STRANGER, f"verbeterd {WORD}")
    about = {"staff": "Ja, iemand anders", "staff_name": "~Tom Timmer", "sexual": "Nee"}
    await report(world, SEM, f"over een docent {WORD}", **about)
    await world.tap(VOS, "Afronden", world._with_button(VOS, "Afronden"))
    await world.say(VOS, f"klaar {WORD}")
    await deliver(world)
    number = (await world.run(overview.list_reports))[0].number
    await world.run(overview.export, number, f"omdat {WORD}", world.time)


async def own_data(watched: Watched) -> None:
    """See the own data and be forgotten, with a report in the making."""
    world = watched.world
    await world.say(STRANGER, "/stop")
    await world.say(STRANGER, "/mijngegevens")
    await fill_in(world, STRANGER, f"nog een {WORD} melding", **FIELDS)
    await world.say(STRANGER, "/stop")
    await world.say(SEM, "/melden")
    await world.say(SEM, f"blijft liggen {WORD}")
    await Upkeep(world.services).once()


async def test_flows_leave_no_word(watched: Watched, capsys: Any, tmp_path: Path) -> None:
    """Nothing typed, no name, code, token or key outside chats and sealed columns."""
    world, db = watched.world, watched.world.services.db
    watched.listen()
    for flow in (join, ask, reports_, own_data):
        await flow(watched)
    assert world.services.failures.seen == []  # type: ignore[attr-defined]
    assert WORD in got(world, VOS)
    said = capsys.readouterr()
    assert "sqlalchemy" in said.err  # the libraries did speak
    watched.assert_silent(said.out, said.err, await world.run(dump))
    opened = await world.run(values)
    held = {p.split(":")[0] for p, sealed in opened.items() if WORD in db.vault.open(sealed, p)}
    assert {"reports.what_sealed", "messages.body_sealed", "drafts.data_sealed"} <= held
    assert {"kept_questions.text_sealed", "exports.reason_sealed"} <= held
    assert_no_bytes(watched, files(db))
    sqlite3.connect(db.url.database or "").execute("VACUUM")
    assert_no_bytes(watched, files(db))
    await forget_everybody(world)
    assert_no_bytes(watched, files(db))


async def test_purge_leaves_no_word(watched: Watched, capsys: Any) -> None:
    """After its term not even sealed words are in file, log or any table, nor in what is said."""
    world, db = watched.world, watched.world.services.db
    watched.listen()
    await report(world, NOOR, f"iemand appt steeds {WORD} naar mij", **FIELDS)
    await world.tap(VOS, "Lezen")
    await world.tap(VOS, "Afronden")
    await world.say(VOS, f"klaar {WORD}")
    await deliver(world)
    sealed = await world.run(values)
    words = [value for place, value in sealed.items() if WORD in db.vault.open(value, place)]
    assert len(words) >= 4
    for days in (724, 8, 2):
        world.pass_time(days=days)
        await Upkeep(world.services).once()
        await deliver(world)
    assert await world.run(overview.list_reports) == ()
    said = capsys.readouterr()
    watched.assert_silent(said.out, said.err, await world.run(dump))
    data = files(db)
    assert_no_bytes(watched, data)
    assert not [value for value in words if value[4:20] in data]


def assert_no_bytes(watched: Watched, data: bytes) -> None:
    """Assert that no byte of the database's files is a secret."""
    for secret in (*watched.secrets, FILE):
        assert secret.encode() not in data, secret
        assert secret.encode("utf-16-le") not in data, secret
    assert bytes(range(32)) not in data


async def forget_everybody(world: World) -> None:
    """Forget the pupils; of ended reports not one sealed value is left in the files."""
    sealed = await world.run(values)
    for who in (NOOR, SEM, STRANGER):
        await world.say(who, "/vergeetmij")
        await world.tap(who, "Ja")
    await deliver(world)
    await world.run(privacy.finish_forgetting, world.time)
    left = set((await world.run(values)).values())
    data = files(world.services.db)
    gone = [value for value in sealed.values() if value not in left]
    assert len(gone) > 5
    for value in gone:
        assert value[4:20] not in data


Fault = Callable[[Watched, pytest.MonkeyPatch], Any]


def bad_sql(session: Session, word: str) -> None:
    """Fail with values in hand."""
    session.execute(text("UPDATE nowhere SET a = :word"), {"word": word})


def bad_value(session: Session, word: str) -> None:
    """Break a rule of the tables with values in hand."""
    session.execute(update(Report).values(number=word, what_sealed=None))


async def telegram_refuses(watched: Watched, patch: pytest.MonkeyPatch) -> None:
    """Telegram says no in all its ways, with the words in what it says."""
    world = watched.world
    await report(world, NOOR, f"iemand appt {WORD} naar mij", **FIELDS)
    calls = ("sendMessage", "answerCallbackQuery", "editMessageText", "editMessageReplyMarkup")
    for status in (400, 401, 403, 404, 409, 429, 500, 502):
        answer = {"description": f"can't parse {WORD}", "parameters": {"retry_after": 0}}
        for method in calls:
            world.telegram.fail(method, status, **answer)
        await world.say(NOOR, f"mag {WORD}?")
        await world.tap(VOS, "Lezen")
        for _ in range(8):  # more often than an update is tried
            world.telegram.fail("sendMessage", status, **answer)
        await fill_in_quietly(world)
        world.telegram.faults.clear()
    for error in (TimedOut(WORD), NetworkError(WORD), ValueError(WORD), OSError(WORD)):
        for method in calls:
            world.telegram.break_off(method, error)
        await world.say(NOOR, f"mag {WORD}?")
        await world.tap(VOS, "Lezen")
        world.telegram.broken.clear()


async def fill_in_quietly(world: World) -> None:
    """Begin and leave a report while Telegram fails; then deliver what waits."""
    for word in ("/melden", f"mijn {WORD}", "/stop"):
        await world.say(SEM, word)
    world.pass_time(minutes=20)
    await deliver(world)


async def handlers_raise(watched: Watched, _: pytest.MonkeyPatch) -> None:
    """A handler raises with the words; the database does with the values it was given."""
    world = watched.world

    async def broken(update: Update, context: Any) -> None:
        words = update.effective_message.text if update.effective_message else ""
        if words == f"sql {WORD}":
            await context.services.db.run(bad_sql, words)
        if words == f"waarde {WORD}":
            await context.services.db.run(bad_value, words)
        try:
            raise ValueError(words)
        except ValueError as error:
            raise RuntimeError(f"na {words}") from error

    await report(world, NOOR, f"iemand appt {WORD} naar mij", **FIELDS)
    handler = TypeHandler(Update, broken)
    world.app.add_handler(handler, group=-5)
    for words in (WORD, f"sql {WORD}", f"waarde {WORD}"):
        await world.say(NOOR, words)
    world.app.remove_handler(handler, group=-5)


async def storage_is_damaged(watched: Watched, _: pytest.MonkeyPatch) -> None:
    """A damaged inbox, values in each other's place, a wrong key."""
    world, db = watched.world, watched.world.services.db
    await report(world, NOOR, f"iemand appt {WORD} naar mij", **FIELDS)
    payload = {"update_id": 5, "message": {"text": WORD}}
    await world.run(inbox.take_in, [TakenIn(n, NOOR, payload) for n in (5, 6)], world.time)
    await world.run(damage_inbox)
    await world.handling.resume()
    await world.handling.settle()
    await world.run(swap_words)
    await world.tap(VOS, "Lezen")
    await world.say(VOS, "/meldingen")
    right, db.vault = db.vault, Vault([b"x" * 32])
    await world.say(NOOR, f"nog meer {WORD}")
    await world.tap(VOS, "Lezen")
    await world.say(VOS, "/klas")
    await deliver(world)
    with pytest.raises(Exception, match="a key that is not set"):
        await world.run(rekey.check_keys)
    db.vault = right


def damage_inbox(session: Session) -> None:
    """Damage the payload of update 5."""
    row = session.get_one(Inbox, 5)
    row.payload_sealed = row.payload_sealed[:-3] + b"???"


def swap_words(session: Session) -> None:
    """Put the words of one column into another of the same report."""
    for row in session.query(Report):
        row.what_sealed, row.who_sealed = row.who_sealed or b"", row.what_sealed


async def background_fails(watched: Watched, patch: pytest.MonkeyPatch) -> None:
    """Delivery, jobs, polling and alarms fail with the words in the error."""
    world, services = watched.world, watched.world.services

    def broken(*_: Any, **__: Any) -> None:
        raise Broken

    failed, loop = asyncio.Event(), asyncio.get_running_loop()

    def broken_settle(*_: Any, **__: Any) -> None:
        loop.call_soon_threadsafe(failed.set)
        raise Broken

    async def broken_job(*_: Any) -> None:
        raise Broken

    await report(world, NOOR, f"iemand appt {WORD} naar mij", **FIELDS)
    await world.tap(VOS, "Lezen")
    await world.tap(VOS, "Antwoord")
    await world.say(VOS, f"antwoord {WORD}")
    with patch.context() as inner:
        inner.setattr(sending, "content_of", broken)
        inner.setattr("bot.upkeep.JOBS", [dataclasses.replace(job, run=broken_job) for job in JOBS])
        inner.setattr("bot.delivery.outbox.settle", broken_settle)
        inner.setattr("bot.delivery.IDLE_SECONDS", 0)
        worker = Delivery(world.app, services)
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(failed.wait(), 60)
        worker.stop()
        await running
        world.pass_time(days=2)
        await Upkeep(services).once()
    poller = Poller(world.app, services, world.handling)
    poller.stop()
    for error in (NetworkError(WORD), ValueError(WORD)):
        await poller._pause(error, 0)
    watch = Watch(services, [BrokenChannel()], lambda: 999.0)
    await watch.look()
    await post_to_webhook(watched)


class BrokenChannel:
    """A second channel that fails with words in its error."""

    async def send(self, subject: str, body: str) -> None:
        raise OSError(f"{WORD} {subject}")


async def post_to_webhook(watched: Watched) -> None:
    """Send a webhook what it cannot read, and let taking in fail; the answers are bare."""

    async def take_in(raw: Any) -> bool:
        raise ValueError(f"{WORD} {raw}")

    async def health() -> dict[str, object]:
        return {"ready": True}

    app = create_web(health, take_in, "s3cret")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for body in (f'{{"{WORD}', f'["{WORD}"]', f'{{"update_id": 1, "message": "{WORD}"}}'):
            for secret in ("s3cret", WORD):
                headers = {SECRET_HEADER: secret}
                answer = await client.post(WEBHOOK_PATH, content=body, headers=headers)
                watched.shown.append(answer.text)


FAULTS: Final = {
    telegram_refuses: ("handler failed", "update set aside", "could not say sorry"),
    handlers_raise: ("handler failed", "RuntimeError", "OperationalError", "IntegrityError"),
    storage_is_damaged: ("SealBroken", "KeyProblem"),
    background_fails: (
        "order failed",
        "delivery failed",
        "job failed",
        "polling failed",
        "alarm not sent",
    ),
}


@pytest.mark.parametrize(
    ("watched", "fault"),
    [
        ("json", telegram_refuses),
        ("console", handlers_raise),
        ("json", storage_is_damaged),
        ("console", background_fails),
    ],
    indirect=["watched"],
)
async def test_faults_leave_no_word(
    watched: Watched, capsys: Any, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """Whatever fails, it is logged by type and place; words, names and keys are nowhere."""
    watched.listen()
    await join(watched)
    await fault(watched, monkeypatch)
    said = capsys.readouterr()
    for line in FAULTS[fault]:  # type: ignore[index]
        assert line in said.err, line
    assert "Traceback" not in said.err
    watched.assert_silent(said.out, said.err, await watched.world.run(dump))
    assert_no_bytes(watched, files(watched.world.services.db))
