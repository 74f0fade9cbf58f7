"""Words between pupils and a mentor, whatever kind of message they come in.

Two open reports, answers begun crosswise, every kind of Telegram message with everything of its
sender in it, and a restart in the middle: only typed words cross, each to whom its prompt named.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from typing import Any, Final

import pytest

from bot.bootstrap import build_app, build_services
from storage import drafts
from tests.bot.conftest import NoLimits
from tests.bot.staffroom import KOK, NOOR, SEM, VOS, deliver, open_school, report, sound
from tests.bot.telegram import Bubble, Call
from tests.bot.world import World

pytestmark = pytest.mark.timeout(600)  # a busy machine is no failure
NAMES: Final = {NOOR: "Noor Bakker", SEM: "Sem Jansen"}
STEPS: Final = 90
NO_TOKEN: Final = "woord0x"
ACTIVE: Final = "vraag @leerling123 op https://voorbeeld.example/x of #tag of /start"
SHOWN: Final = re.compile(r"@leerling|https?://|#tag|/start")
TO_OTHERS: Final = {"sendMessage", "editMessageText"}


def user(who: int) -> dict[str, Any]:
    """Return somebody as Telegram shows them: nothing of it may cross."""
    return {"id": who, "is_bot": False, "first_name": f"Voor{who}", "last_name": f"Achter{who}",
            "username": f"account{who}", "language_code": "nl"}  # fmt: skip


def identifiers(who: int) -> tuple[str, ...]:
    """Return what would give an account away."""
    made = (f"Voor{who}", f"Achter{who}", f"account{who}", f"+316{who}", f"bestand{who}")
    return (*made, f"52.{who}", f"4.{who}", f"user?id={who}", f"vcard{who}")


def entity(kind: str, **more: Any) -> dict[str, Any]:
    """Return a message whose text has an active part."""
    return {"text": ACTIVE, "entities": [{"type": kind, "offset": 6, "length": 12, **more}]}


def kinds(who: int) -> dict[str, dict[str, Any]]:
    """Return a message of every kind, full of its sender."""
    file = {"file_id": f"bestand{who}", "file_unique_id": f"bestand{who}"}
    media = ("video", "animation", "document", "audio", "voice", "video_note", "sticker", "story")
    place = {"latitude": float(f"52.{who}"), "longitude": float(f"4.{who}")}
    contact = {"phone_number": f"+316{who}", "first_name": f"Voor{who}", "user_id": who,
               "vcard": f"vcard{who}"}  # fmt: skip
    active = ("mention", "url", "hashtag", "bot_command", "email", "phone_number", "spoiler", "pre")
    caption = {"caption": f"kijk {ACTIVE}", "photo": [file]}
    return {
        "plain": {"text": "gewoon wat woorden"},
        **{kind: entity(kind) for kind in active},
        "text_mention": entity("text_mention", user=user(who)),
        "text_link": entity("text_link", url=f"tg://user?id={who}"),
        "custom_emoji": entity("custom_emoji", custom_emoji_id=f"bestand{who}"),
        "forwarded": {"text": ACTIVE, "forward_origin": {
            "type": "user", "date": 1, "sender_user": user(who)}},
        "reply": {"text": ACTIVE, "reply_to_message": {
            "message_id": 1, "date": 1, "chat": user(who), "from": user(who)}},
        "quote": {"text": ACTIVE, "quote": {"text": f"Voor{who}", "position": 0}},
        "via_bot": {"text": ACTIVE, "via_bot": user(who)},
        "photo": {"photo": [file]},
        "captioned": caption,
        "album": caption | {"media_group_id": "7"},
        **{kind: {kind: file | {"caption": f"Voor{who}"}} for kind in media},
        "contact": {"contact": contact},
        "location": {"location": place},
        "venue": {"venue": {"location": place, "title": f"Voor{who}", "address": f"Achter{who}"}},
        "dice": {"dice": {"emoji": "🎲", "value": 3}},
        "poll": {"poll": {"id": "1", "question": f"Voor{who}"}},
        "game": {"game": {"title": f"Voor{who}"}},
        "users_shared": {"users_shared": {"request_id": 1, "users": [{"user_id": who}]}},
        "author_signature": {"text": ACTIVE, "author_signature": f"Voor{who}"},
        "sender_chat": {"text": ACTIVE, "sender_chat": user(who)},
    }  # fmt: skip


class Fuzz:
    """Three people who answer each other in any order."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, random.Random(seed)
        self.open: dict[int, int | None] = {VOS: None, NOOR: None, SEM: None}
        self.tokens = 0
        self.crossed: Counter[str] = Counter()

    async def step(self) -> None:
        """Let somebody begin an answer, or send a message of some kind."""
        who = self.rng.choice([VOS, VOS, NOOR, SEM])
        if self.rng.random() < 0.45:
            await self.begin(who)
        else:
            await self.write(who)

    async def begin(self, who: int) -> None:
        """Tap "Antwoord" under any message that has it; the prompt says to whom it goes."""
        offered = [b for b in self.world.telegram.chat(who) if self.can_answer(b)]
        if not offered:
            return
        prompt = await self.world.tap(who, "Antwoord", self.rng.choice(offered))
        if who != VOS:
            self.open[who] = VOS
            return
        named = [pupil for pupil, name in NAMES.items() if name.split()[0] in prompt.text]
        assert len(named) == 1, prompt.text  # always names the addressee
        self.open[who] = named[0]

    def can_answer(self, bubble: Bubble) -> bool:
        return any(label == "Antwoord" for label, _ in bubble.buttons)

    async def write(self, who: int) -> None:
        """Send one message of any kind, and see where its words turn up."""
        kind, message = self.rng.choice(list(kinds(who).items()))
        self.tokens += 1
        token = f"woord{self.tokens}x"
        for part in ("text", "caption"):
            if part in message:
                message[part] = f"{message[part]} {token}"
        mark = len(self.world.telegram.calls)
        await self.world.send(who, **message)
        await deliver(self.world)
        calls = [
            c
            for c in self.world.telegram.calls[mark:]
            if c.params.get("chat_id") not in {None, who}
        ]
        self.look(who, token, calls)
        if any(token in str(call.params.get("text")) for call in calls):
            self.crossed[kind] += 1
            assert {"text", "caption"} & set(message), kind  # nothing but typed words
            self.open[who] = None
        elif not await self.still_open(who):
            self.open[who] = None

    def to_others(self, who: int, mark: int) -> list[Call]:
        """Return the calls since ``mark`` that go to somebody else's chat."""
        calls = self.world.telegram.calls[mark:]
        return [call for call in calls if call.params.get("chat_id") not in {None, who}]

    async def still_open(self, who: int) -> bool:
        return await self.world.run(drafts.load, who) is not None

    def look(self, who: int, token: str, calls: list[Call]) -> None:
        """Assert that the words reached whom the prompt named, and that nothing else crossed."""
        for call in calls:
            chat, shown = int(call.params["chat_id"]), str(call.params.get("text"))
            assert call.method in TO_OTHERS, call.method
            whole = json.dumps(call.params, ensure_ascii=False)
            for secret in identifiers(who):
                assert secret not in whole, (secret, shown)
            assert str(who) not in shown
            assert "<a " not in shown
            assert "entities" not in call.params
            assert not SHOWN.search(re.sub(r"<code>.*?</code>", "", shown)), shown
            assert call.params["link_preview_options"]["is_disabled"]
            if token in shown:
                assert chat == self.open[who], (token, chat)
                assert self.named(who, chat, shown), shown

    def named(self, who: int, chat: int, shown: str) -> bool:
        """Tell whether what crossed says from whom it is, and about which report."""
        pupil = who if chat == VOS else chat
        number = {NOOR: "M-2026-0001", SEM: "M-2026-0002"}[pupil]
        return number in shown and (NAMES[who] if who != VOS else "Marit Vos") in shown


async def restarted(world: World) -> World:
    """Return the world after a restart of the bot: only what is stored is still known."""
    old = world.services
    services = build_services(
        old.settings, pack=old.pack, matcher=old.matcher, db=old.db, clock=old.clock, rng=old.rng
    )
    services.failures = old.failures
    app = build_app(services, request=world.telegram, limiter=NoLimits())
    fresh = World(app, services, world.telegram)
    fresh.time, fresh._next_update, fresh._next_message = world.time, 50_000, 50_000
    fresh._user = user  # type: ignore[method-assign]
    await app.initialize()
    return fresh


@pytest.mark.parametrize("seed", range(2))
async def test_only_words_cross_and_each_to_whom_it_was_meant(world: World, seed: int) -> None:
    """Any kind of message in any order: no trace of the sender's account, nothing misdelivered."""
    world.pass_time(hours=8)  # after school a pupil's messages are not hushed
    await open_school(world, KOK)
    world._user = user  # type: ignore[method-assign]
    for pupil in NAMES:
        await report(world, pupil)
        await world.tap(VOS, "Lezen")
    fuzz = Fuzz(world, seed)
    for number in range(STEPS):
        if number == STEPS // 2:
            fuzz.world = await restarted(world)
        await fuzz.step()
    await fuzz.world.app.shutdown()
    assert len(fuzz.crossed) >= 4, fuzz.crossed
    assert fuzz.crossed.total() >= 8, fuzz.crossed
    sound(world)


async def test_every_kind_is_tried_both_ways(world: World) -> None:
    """Each kind once from the mentor and once from the pupil, in an open answer."""
    world.pass_time(hours=8)
    await open_school(world, KOK)
    world._user = user  # type: ignore[method-assign]
    for pupil in NAMES:
        await report(world, pupil)
        await world.tap(VOS, "Lezen")
    fuzz = Fuzz(world, 1)
    await fuzz.begin(VOS)
    first = fuzz.open[VOS]
    assert first
    await world.send(VOS, text="kom je langs?")
    await deliver(world)
    for who in (VOS, first):
        for kind, message in kinds(who).items():
            await fuzz.begin(who)
            mark = len(world.telegram.calls)
            await world.send(who, **message)
            await deliver(world)
            fuzz.look(who, NO_TOKEN, fuzz.to_others(who, mark))
            fetched = [c for c in world.telegram.calls[mark:] if c.method == "getFile"]
            assert fetched == [], kind
            await world.say(who, "/stop")
    sound(world)
