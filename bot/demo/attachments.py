"""What a person can send besides text, as Telegram would describe it to the bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.demo.entities import formatted
from bot.demo.errors import bad
from bot.demo.state import Person, State
from bot.demo.validate import Json

Given = dict[str, Any]
CAPTIONED = ("photo", "video", "animation", "document", "voice", "audio")


def _file(state: State, **more: Any) -> Json:
    number = state.new_id()
    return {"file_id": f"person-{number}", "file_unique_id": f"p{number}", **more}


def _contact(person: Person) -> Json:
    return {
        "phone_number": f"+3160000{person.id % 10_000:04d}",
        "first_name": person.first_name,
        "user_id": person.id,
    }


def _sticker(state: State) -> Json:
    kinds = {"type": "regular", "is_animated": False, "is_video": False}
    return _file(state, width=512, height=512, emoji="😀", **kinds)


KINDS: dict[str, Callable[[State, Person], Any]] = {
    "photo": lambda s, p: [_file(s, width=90, height=67), _file(s, width=800, height=600)],
    "video": lambda s, p: _file(s, width=640, height=360, duration=8),
    "video_note": lambda s, p: _file(s, length=240, duration=5),
    "animation": lambda s, p: _file(s, width=320, height=240, duration=2),
    "voice": lambda s, p: _file(s, duration=4),
    "audio": lambda s, p: _file(s, duration=90),
    "document": lambda s, p: _file(s, file_name="bestand.pdf", mime_type="application/pdf"),
    "sticker": lambda s, p: _sticker(s),
    "location": lambda s, p: {"latitude": 52.38, "longitude": 4.63},
    "contact": lambda s, p: _contact(p),
    "dice": lambda s, p: {"emoji": "🎲", "value": 4},
}


def content_of(state: State, person: Person, given: Given) -> Json:
    """Return the fields of a message of ``kind``, with caption, album and forward where given.

    Raises ``ApiError`` 400 for a kind that is not in ``KINDS``.
    """
    kind = str(given.get("kind", "photo"))
    if kind not in KINDS:
        raise bad(f"a person cannot send a {kind} here")
    content: Json = {kind: KINDS[kind](state, person)}
    if kind == "animation":
        content["document"] = content["animation"]
    if given.get("caption") and kind in CAPTIONED:
        caption, entities = formatted(str(given["caption"]))
        content["caption"] = caption
        content["caption_entities"] = entities
    if given.get("album"):
        content["media_group_id"] = str(given["album"])
    if given.get("forwarded"):
        content["forward_origin"] = {
            "type": "hidden_user",
            "date": int(state.clock.now()),
            "sender_user_name": str(given["forwarded"]),
        }
    return content
