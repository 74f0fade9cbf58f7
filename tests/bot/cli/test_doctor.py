"""``doctor`` finds what was planted, names a remedy for each finding, and changes nothing."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.orm import Session

from bot.cli import checkhere, checktelegram
from bot.demo.state import Person, State
from storage import access, staff
from storage.crypto import new_key
from storage.tables import Order, Staff
from tests.bot.cli.conftest import Cli
from tests.content.sample import write_pack

Run = Callable[..., Any]
NOW: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADMIN: Final = 7
WELL: Final = (
    *("versions", "content", "files", "database", "key", "staff", "deliveries", "token"),
    *("webhook", "clock", "disk", "administrator", "alarms"),
)
"""What is looked at in a school where all is in order."""


def _all_present(session: Session) -> None:
    for account, member in enumerate(staff.everyone(session), start=100):
        code = access.invite(session, member.id, NOW)
        session.flush()
        access.open_invite(session, code, account, NOW)
        session.flush()
        access.confirm(session, member.id, NOW)


@dataclass
class Planter:
    """What a fault may touch."""

    school: Cli
    telegram: State
    run: Run
    file: Path
    patch: pytest.MonkeyPatch

    def staff(self, code: str, **columns: Any) -> None:
        """Change the row of a member of staff."""

        def change(session: Session) -> None:
            member = staff.by_code(session, code)
            assert member is not None
            for name, value in columns.items():
                setattr(session.get_one(Staff, member.id), name, value)

        self.run(change)

    def telegram_says(self, off: timedelta) -> None:
        """Let Telegram's time differ from ours; the stand-in tells none."""

        async def said(_: str) -> datetime:
            return datetime.now(UTC) + off

        self.patch.setattr(checktelegram, "telegrams_time", said)


@pytest.fixture
def planter(
    school: Cli,
    telegram: State,
    run: Run,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Planter:
    """A school in which all is in order."""
    run(_all_present)
    telegram.add_person(Person("admin", ADMIN, "Beheer", started=True))
    school.set(ADMIN_IDS=str(ADMIN), ALARM_URL="https://alarm.example")
    file = Path(database.removeprefix("sqlite:///"))
    file.chmod(0o600)
    monkeypatch.setattr(checkhere, "SOON_DAYS", -100_000)  # the shipped holidays end some day
    planter = Planter(school, telegram, run, file, monkeypatch)
    planter.telegram_says(timedelta(0))
    return planter


def _newer(p: Planter) -> None:
    with sqlite3.connect(p.file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()


def _damaged(p: Planter) -> None:
    for more in ("-wal", "-shm"):
        p.file.with_name(p.file.name + more).unlink(missing_ok=True)
    p.file.write_bytes(b"no database at all" * 300)


def _wrong_pack(p: Planter) -> None:
    p.school.set(CONTENT=str(write_pack(Path("pack").resolve(), {"check.yaml": "start: ["})))


def _no_holidays(p: Planter) -> None:
    p.patch.setattr(checkhere, "SOON_DAYS", 100_000)


def _nobody(p: Planter) -> None:
    for code in ("VOS", "DEM", "SMI", "BOS"):
        p.staff(code, revoked_at=NOW)


def _blocked(p: Planter) -> None:
    p.staff("VOS", unreachable_since=NOW)


def _waits(p: Planter) -> None:
    p.staff("VOS", confirmed_at=None, telegram_id=None, claimed_telegram_id=500)


def _stuck(p: Planter) -> None:
    due = datetime.now(UTC) - timedelta(hours=2)
    p.run(lambda s: s.add(Order(seq=1, chat_id=5, kind="notice", created_at=due, due_at=due)))


def _clock(p: Planter) -> None:
    p.telegram_says(timedelta(hours=-1))


def _full_disk(p: Planter) -> None:
    usage = namedtuple("usage", "total used free")
    p.patch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))


def _foreign_webhook(p: Planter) -> None:
    p.telegram.webhook = {"url": "https://elsewhere.example/hook"}


def _own_webhook(p: Planter, **more: Any) -> None:
    url = "https://bot.school.example"
    p.school.set(WEBHOOK_URL=url, WEBHOOK_SECRET="s")
    p.telegram.webhook = {"url": f"{url}/telegram", **more}


def _unreached_webhook(p: Planter) -> None:
    failed = int(datetime.now(UTC).timestamp())
    _own_webhook(p, last_error_date=failed, last_error_message="Connection\nrefused")


def _uncalled_webhook(p: Planter) -> None:
    p.school.set(WEBHOOK_URL="http://bot.school.example:8080", WEBHOOK_SECRET="s")


def _other_library(p: Planter) -> None:
    def found(name: str) -> str:
        return "21.0" if name == "python-telegram-bot" else version(name)

    p.patch.setattr(checkhere, "version", found)


FAULTS: Final[dict[str, tuple[Callable[[Planter], object], str]]] = {
    "a token that Telegram does not know": (
        lambda p: p.school.set(TOKEN="77:wrong"),
        "WRONG token: Telegram does not know VUISTREGEL_TOKEN",
    ),
    "no token": (lambda p: p.school.set(TOKEN=None), "WRONG token: VUISTREGEL_TOKEN is not set"),
    "Telegram cannot be reached": (
        lambda p: p.school.set(API_URL="http://127.0.0.1:9"),
        "WRONG token: the Bot API cannot be reached",
    ),
    "the webhook of another program": (_foreign_webhook, "WRONG webhook: another program"),
    "a webhook that Telegram cannot reach": (
        _unreached_webhook,
        "WRONG webhook: Telegram cannot reach it: Connection refused",
    ),
    "a webhook that Telegram never calls": (_uncalled_webhook, "WRONG webhook: an address that"),
    "no key": (
        lambda p: p.school.set(SECRET_KEY=None),
        "WRONG database: VUISTREGEL_SECRET_KEY is not set",
    ),
    "another key": (lambda p: p.school.set(SECRET_KEY=new_key()), "sealed with a key that is not"),
    "a database of a newer version": (_newer, "WRONG database: the database was made by a newer"),
    "a damaged database": (_damaged, "WRONG database: the file of VUISTREGEL_DATABASE_URL is no"),
    "a pack with a mistake": (_wrong_pack, "WRONG content: the content pack cannot be used"),
    "no holidays ahead": (_no_holidays, "note  calendar: the last holiday"),
    "a class without anybody": (_nobody, "WRONG staff: some report of H3b would reach nobody"),
    "a mentor who blocked the bot": (_blocked, "note  staff: no mentor of H3b can be reached (VOS"),
    "a mentor who waits": (_waits, "(VOS waits to be confirmed)"),
    "something that stays waiting": (_stuck, "WRONG deliveries: something waits for 120 minutes"),
    "a clock that is off": (_clock, "WRONG clock: 36"),
    "a full disk": (_full_disk, "WRONG disk: 0 MB free"),
    "an administrator who never pressed Start": (
        lambda p: p.school.set(ADMIN_IDS="8"),
        "WRONG administrator: no alarm in Telegram reaches account 8",
    ),
    "no administrator": (lambda p: p.school.set(ADMIN_IDS=None), "note  administrator: none"),
    "no second channel": (lambda p: p.school.set(ALARM_URL=None), "note  alarms: no second"),
    "a database that others can read": (lambda p: p.file.chmod(0o644), "WRONG files: test.db can"),
    "figures for everybody": (
        lambda p: p.school.set(METRICS_LISTEN="0.0.0.0:9000"),
        "note  metrics: figures are shown",
    ),
    "another version of a library": (_other_library, "python-telegram-bot 21.0 instead of 22.8"),
}


def test_where_all_is_in_order(planter: Planter) -> None:
    """Every finding is fine, none has a remedy, and the exit code is 0."""
    done = planter.school("doctor")
    assert done.code == 0, done
    assert [line.split(":")[0] for line in done.out.splitlines()] == [f"ok    {n}" for n in WELL]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(planter: Planter, fault: str) -> None:
    """Each fault has a line of its own with a remedy below it; what is wrong ends with code 1."""
    plant, words = FAULTS[fault]
    plant(planter)
    before = planter.file.read_bytes()
    done = planter.school("doctor")
    lines = done.out.splitlines()
    (at,) = [number for number, line in enumerate(lines) if words in line]
    assert lines[at + 1].startswith("      → ")
    assert len(lines[at + 1]) > 12
    assert done.code == (1 if any(line.startswith("WRONG") for line in lines) else 0)
    assert planter.file.read_bytes() == before


def test_a_webhook_in_order(planter: Planter) -> None:
    """A webhook that is set and reached is fine; one that waits at Telegram for long is not."""
    _own_webhook(planter)
    assert "ok    webhook: set" in planter.school("doctor").out
    planter.telegram.webhook = None
    assert "note  webhook: not set at Telegram yet" in planter.school("doctor").out


def test_as_json(planter: Planter) -> None:
    """For scripts: one object a line, with the state and the remedy."""
    planter.school.set(ALARM_URL=None)
    rows = planter.school("doctor", "--json").rows
    assert [list(row) for row in rows] == [["what", "found", "state", "remedy"]] * len(rows)
    assert {row["state"] for row in rows} == {"ok", "note"}
    assert all(bool(row["remedy"]) == (row["state"] != "ok") for row in rows)


@pytest.mark.parametrize("error", [None, ValueError("canary")])
def test_an_alarm_as_a_test(planter: Planter, error: Exception | None) -> None:
    """When asked, a test goes over the second channel, and a failure is found; else none goes."""
    sent = []

    async def send(*_: object) -> None:
        sent.append(True)
        if error:
            raise error

    planter.patch.setattr("bot.alarm.Hook.send", send)
    assert planter.school("doctor").code == 0
    assert not sent
    done = planter.school("doctor", "--send-alarm")
    assert (done.code, len(sent)) == (1 if error else 0, 1)
    found = "WRONG alarms: a test did not go (ValueError)" if error else "ok    alarms: a test went"
    assert found in done.out
    assert "canary" not in done.out


def test_before_the_first_step(call: Cli, telegram: State, tmp_path: Path) -> None:
    """Before anything was set up the doctor says what to do first, and makes no database."""
    call.set(TOKEN=None)
    done = call("doctor")
    assert done.code == 1
    assert done.out.count("→ vuistregel setup\n") == 2
    call.set(SECRET_KEY=new_key())
    assert "note  database: not there yet" in call("doctor").out
    assert list(tmp_path.iterdir()) == []


def test_no_classes_yet(at_school: Cli, telegram: State) -> None:
    """A database without classes is no fault, but the next step."""
    assert "note  classes: none yet" in at_school("doctor").out


def test_colours_in_a_terminal_only(monkeypatch: pytest.MonkeyPatch, planter: Planter) -> None:
    """Marks have a colour where somebody looks, and none with NO_COLOR or in a file."""
    assert "\x1b" not in planter.school("doctor").out
    monkeypatch.setattr("bot.cli.show.in_colour", lambda: True)
    assert "\x1b[32mok   \x1b[0m content" in planter.school("doctor").out


def test_the_time_of_a_server() -> None:
    """The clock is compared with the Date of an answer, whatever the answer; no server, no time."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        said = asyncio.run(checktelegram.telegrams_time(f"http://127.0.0.1:{server.server_port}"))
        thread.join(30)
    assert said is not None
    assert abs(said - datetime.now(UTC)) < timedelta(minutes=5)
    assert asyncio.run(checktelegram.telegrams_time("http://127.0.0.1:9")) is None
