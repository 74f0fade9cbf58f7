"""The outbox under faults: run with ``python -m tests.prove.outbox --reports 1000``.

Real delivery, limiter and database on a virtual clock; two workers, of which one dies in mid-send;
a Telegram of which three answers in ten are a fault, and that some staff have blocked. Counted are
reports that did not arrive, copies beyond the sends with unknown outcome, messages out of order in
a chat, and the tries of the busiest message in any hour.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from telegram.error import NetworkError, TimedOut

from bot.bootstrap import build_app, build_services
from bot.delivery import Delivery
from bot.ratelimit import RateLimiter
from bot.services import Services
from bot.settings import Settings
from bot.terms import policy_of
from content.loader import load_pack
from content.matcher import Matcher
from content.pack import Pack
from storage import outbox, reports
from storage.crypto import Vault
from storage.database import Database
from storage.migration import upgrade
from storage.reports import NewReport
from storage.tables import Order, Recipient, Report
from tests.bot.telegram import Telegram, plain
from tests.bot.world import START
from tests.storage.rows import add_class, add_person, add_staff
from tests.virtual import play, without_thread

EVENING: Final = START + timedelta(hours=8)
FAULTS: Final = 0.3
CLASSES: Final = 5
BURST: Final = 10
MENTOR: Final = 2000
DEPUTY: Final = 3000
PUPIL: Final = 10_000
BLOCKED: Final = frozenset({MENTOR + 3, MENTOR + 4, DEPUTY + 4})
HOUR: Final = 3600.0
Key = tuple[int, str]


@dataclass(frozen=True)
class Outcome:
    """What the faults left behind; all but ``reports``, ``faults`` and ``tries`` should be 0."""

    reports: int
    faults: int
    missing: int
    """Reports that no member of staff got, or whose pupil did not hear of it."""
    extra: int
    """Copies beyond those that may come twice."""
    disordered: int
    tries: int
    """Of the message that was tried most in any hour."""

    @property
    def good(self) -> bool:
        """Tell whether the outbox kept its promises."""
        return not (self.missing or self.extra or self.disordered) and self.tries <= 12


class Faulty(Telegram):
    """Fails three calls in ten, in five ways."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng
        self.faulty = 0
        self.tried: defaultdict[Key, list[float]] = defaultdict(list)
        self.arrived: defaultdict[Key, list[float]] = defaultdict(list)
        self.unknown: defaultdict[Key, int] = defaultdict(int)
        """How often nobody could tell whether a message had arrived."""

    async def do_request(
        self, url: str, method: str, request_data: Any = None, *times: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Answer, or fail before or after the message arrived."""
        params = request_data.parameters if request_data else {}
        if not url.endswith("/sendMessage"):
            return await super().do_request(url, method, request_data)
        key = int(params["chat_id"]), plain(str(params["text"]))
        now = asyncio.get_running_loop().time
        self.tried[key].append(now())
        try:
            await asyncio.sleep(self.rng.uniform(0.02, 0.2))
        except asyncio.CancelledError:  # the worker dies; the message is on its way
            self.unknown[key] += 1
            self.arrived[key].append(now())
            raise
        if key[0] in BLOCKED:
            return 403, _no(403, "Forbidden: bot was blocked by the user")
        fault = self.rng.randrange(5) if self.rng.random() < FAULTS else None
        self.faulty += fault is not None
        if fault == 0:
            return 500, _no(500, "Internal Server Error")
        if fault in {1, 2}:
            wait = self.rng.randrange(1, 90)
            return 429, _no(429, "Too Many Requests", f', "parameters": {{"retry_after": {wait}}}')
        if fault == 3:
            raise NetworkError("reset before it arrived")
        self.arrived[key].append(now())
        if fault == 4:
            self.unknown[key] += 1
            raise TimedOut
        return await super().do_request(url, method, request_data)


def _no(code: int, said: str, more: str = "") -> bytes:
    return f'{{"ok": false, "error_code": {code}, "description": "{said}"{more}}}'.encode()


def found(session: Session, count: int) -> None:
    """Put five classes with a mentor and a deputy each in the database, and ``count`` pupils."""
    for number in range(CLASSES):
        label = add_class(session, f"K{number}")
        add_staff(session, f"M{number}", ("mentor", label), telegram_id=MENTOR + number)
        add_staff(session, f"D{number}", ("deputy", label), telegram_id=DEPUTY + number)
    add_staff(session, "C", ("coordinator", None), telegram_id=4000)
    for number in range(count):
        add_person(session, PUPIL + number, "Noor", f"id-K{number % CLASSES}")


async def storm(services: Services, telegram: Faulty, count: int) -> None:
    """Make ``count`` reports within half an hour and deliver them; one worker dies half-way."""
    loop = asyncio.get_running_loop()
    app = build_app(services, request=telegram, limiter=RateLimiter())
    async with app:
        workers = [Delivery(app, services), Delivery(app, services)]
        running = [asyncio.create_task(each.run()) for each in workers]
        for number in range(count):
            new = NewReport("woorden", class_id=f"id-K{number % CLASSES}")
            await services.db.run(
                reports.submit, PUPIL + number, new, policy_of(services), services.clock()
            )
            services.wake_delivery.set()
            if number == count // 2:
                await _in_mid_send(telegram)
                running[0].cancel()
            if number % BURST == BURST - 1:
                await asyncio.sleep(HOUR / 2 / count * BURST)
        while (await services.db.run(outbox.depth, services.clock())).waiting:
            assert loop.time() < 12 * HOUR, "the outbox does not get empty"
            await asyncio.sleep(60)
        workers[1].stop()
        await asyncio.gather(*running, return_exceptions=True)


async def _in_mid_send(telegram: Faulty) -> None:
    before = sum(len(each) for each in telegram.tried.values())
    while sum(len(each) for each in telegram.tried.values()) < before + 2:
        await asyncio.sleep(0.01)


def count_up(session: Session, telegram: Faulty) -> Outcome:
    """Compare what arrived with what the database knows."""
    all_reports = list(session.scalars(select(Report)))
    missing = sum(not _got(session, telegram, report) for report in all_reports)
    sent = list(session.scalars(select(Order).where(Order.outcome == "sent").order_by(Order.seq)))
    extra = disordered = 0
    last: dict[int, float] = {}
    for order in sent:
        number = session.get_one(Report, order.report_id).number
        key = next(
            (chat, text)
            for chat, text in telegram.arrived
            if chat == order.chat_id and number in text
        )
        times = telegram.arrived[key]
        extra += max(0, len(times) - 1 - telegram.unknown[key])
        disordered += times[0] < last.get(order.chat_id, 0.0)
        last[order.chat_id] = times[0]
    tries = max(_busiest(each) for each in telegram.tried.values())
    return Outcome(len(all_reports), telegram.faulty, missing, extra, disordered, tries)


def _got(session: Session, telegram: Faulty, report: Report) -> bool:
    query = select(Recipient).where(Recipient.report_id == report.id, Recipient.failed_at.is_(None))
    holders = [each for each in session.scalars(query) if each.delivered_at is not None]
    chats = {chat for chat, text in telegram.arrived if report.number in text}
    staff = {chat for chat in chats if chat < PUPIL}
    return report.state == "delivered" and bool(holders) and bool(staff) and chats > staff


def _busiest(times: list[float]) -> int:
    return max(sum(0 <= other - first < HOUR for other in times) for first in times)


def prove(count: int, seed: int, file: Path, pack: Pack, matcher: Matcher) -> Outcome:
    """Deliver ``count`` reports with faults on the empty database ``file``; count the rest."""

    async def story() -> Outcome:
        loop = asyncio.get_running_loop()
        db = Database(f"sqlite:///{file}", Vault([bytes(range(32))]))
        event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        services = build_services(
            Settings(token=SecretStr("1:test"), admin_ids=(900,)),
            pack=pack,
            matcher=matcher,
            db=without_thread(db),
            clock=lambda: EVENING + timedelta(seconds=loop.time()),
            rng=random.Random(seed),
        )
        telegram = Faulty(random.Random(seed))
        await db.run(found, count)
        await storm(services, telegram, count)
        outcome = await db.run(count_up, telegram)
        await db.close()
        return outcome

    return play(story)


def main() -> int:
    """Run the proof and print what was counted; exit code 1 when anything went wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    pack = load_pack()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proof.db"
        upgrade(f"sqlite:///{file}")
        outcome = prove(given.reports, given.seed, file, pack, Matcher(pack))
    sys.stdout.write(f"{outcome}\n{'good' if outcome.good else 'WRONG'}\n")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
