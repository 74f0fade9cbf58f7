"""Pictures are never fetched and never kept, in whatever way and place they are sent."""

from __future__ import annotations

from typing import Any, Final

import pytest

from bot.intake import strip
from tests.bot.staffroom import NOOR, VOS, deliver, open_school, report, sound
from tests.bot.world import World
from tests.storage.test_raw_bytes import dump, values

FILE: Final = "kanariebestand"
SIZES: Final = [{"file_id": FILE, "file_unique_id": FILE, "width": 1, "height": 1}]
IMAGE: Final = {"file_id": FILE, "file_unique_id": FILE, "mime_type": "image/png"}
SENDER: Final = {"type": "user", "date": 1, "sender_user": {"id": 5, "first_name": FILE}}
WAYS: Final[dict[str, list[dict[str, Any]]]] = {
    "photo": [{"photo": SIZES}],
    "album": [{"photo": SIZES, "media_group_id": "7"}] * 3,
    "document": [{"document": IMAGE}],
    "video": [{"video": IMAGE}],
    "forwarded": [{"photo": SIZES, "forward_origin": SENDER}],
    "reply with a picture": [{"photo": SIZES, "reply_to_message": {"photo": SIZES}}],
}
NUDE: Final = "er gaat een naaktfoto van mij rond"


async def asked(world: World) -> None:
    """Nothing is going on: the picture starts the post check."""


async def reporting(world: World) -> None:
    """In the middle of a report."""
    await world.say(NOOR, "/melden")


async def answering(world: World) -> None:
    """In the middle of an addition to a report."""
    await report(world)
    await world.tap(VOS, "Lezen")
    await world.tap(VOS, "Antwoord")
    await world.say(VOS, "kom je?")
    await deliver(world)
    await world.tap(NOOR, "Antwoord")


@pytest.mark.parametrize("place", [asked, reporting, answering])
async def test_no_picture_is_fetched_or_kept(world: World, place: Any) -> None:
    """In whatever way: no getFile, no file id anywhere; where it is nude, help comes first."""
    world.pass_time(hours=8)
    await open_school(world)
    await place(world)
    for way, messages in WAYS.items():
        for caption in ({}, {"caption": NUDE}):
            mark = len(world.telegram.chat(NOOR))
            for message in messages:
                raw = {"update_id": 1, "message": world._message(NOOR) | message | caption}
                assert FILE not in str(strip(raw))  # nor while it waits
                await world.send(NOOR, **message, **caption)
            await deliver(world)
            said = "\n".join(bubble.text for bubble in world.telegram.chat(NOOR)[mark:])
            assert said or "album" in way
            if caption:
                assert "Helpwanted" in said, way
    vault = world.services.db.vault
    kept = [vault.open(value, where) for where, value in (await world.run(values)).items()]
    assert FILE not in "\n".join(kept) + str(await world.run(dump)) + str(world.telegram.calls)
    assert not [c for c in world.telegram.calls if c.method in {"getFile", "forwardMessage"}]
    sound(world)
