"""What the bot does not take in, groups, edits, blocks, and Telegram refusing: kind every time."""

from __future__ import annotations

import pytest

from storage import drafts, people
from tests.bot.world import World

SAM, GROUP = 11, -100


def in_group(world: World, **more: object) -> dict[str, object]:
    chat = {"id": GROUP, "type": "supergroup", "title": "canary"}
    return {"message": world._message(SAM) | {"chat": chat} | more}


def command(text: str) -> dict[str, object]:
    length = len(text.split(maxsplit=1)[0])
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": length}]}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sticker", "alleen woorden"),
        ("dice", "alleen woorden"),
        ("voice", "spraakbericht"),
        ("audio", "spraakbericht"),
        ("location", "locatie"),
        ("venue", "locatie"),
        ("contact", "contact"),
        ("poll", "alleen woorden"),
        ("game", "alleen woorden"),
        ("checklist", "alleen woorden"),
        ("gift", "alleen woorden"),
    ],
)
async def test_other_kinds_get_a_kind_line(clean: World, kind: str, words: str) -> None:
    """Each kind of message that is no words gets one line that fits, in both languages."""
    assert words in (await clean.send(SAM, **{kind: {"latitude": 1}})).text
    clean.langs[12] = "en"
    assert (await clean.send(12, **{kind: {}})).text != clean.last(SAM).text
    assert len(clean.telegram.chat(SAM)) == 1


@pytest.mark.parametrize(
    "kind", ["pinned_message", "message_auto_delete_timer_changed", "unheard_of"]
)
async def test_notes_of_telegram_itself_get_no_answer(clean: World, kind: str) -> None:
    """Pinning a message and the like is nothing to answer, in a dialogue neither."""
    await clean.say(SAM, "/melden")
    before = len(clean.telegram.chat(SAM))
    await clean.send(SAM, **{kind: {"message_id": 1}})
    assert len(clean.telegram.chat(SAM)) == before


async def test_an_edited_message(clean: World) -> None:
    """An edit is said to be looked over; danger in it still gets the help lines first."""
    edited = clean._message(SAM) | {"edit_date": 1}
    await clean.update({"edited_message": edited | {"text": "mag ik een foto posten?"}})
    assert "alleen naar nieuwe berichten" in clean.last(SAM).text
    await clean.update({"edited_message": edited | {"text": "ik wil dood"}})
    assert "113" in clean.last(SAM).text
    await clean.update({"edited_message": edited | {"caption": "ik wil dood", "photo": []}})
    assert "113" in clean.last(SAM).text


async def test_a_live_location_moves_in_silence(clean: World) -> None:
    """Telegram edits a live location all the time: that gets no answer."""
    edited = clean._message(SAM) | {"edit_date": 1, "location": {"latitude": 1, "longitude": 2}}
    await clean.update({"edited_message": edited})
    assert clean.telegram.chat(SAM) == []


async def test_an_edit_into_a_command_does_not_run_it(clean: World) -> None:
    """Editing a message into /stop must not wipe a draft."""
    await clean.say(SAM, "/melden")
    await clean.update({"edited_message": clean._message(SAM) | command("/stop")})
    assert await clean.run(drafts.load, SAM) is not None


async def test_unknown_command(clean: World) -> None:
    """A command that does not exist points to /help."""
    assert "/help" in (await clean.say(SAM, "/bestaatniet")).text


@pytest.mark.parametrize("text", ["/ik wil dood", "/melden ik wil dood", "/quiz ik wil dood"])
async def test_danger_behind_a_command(clean: World, text: str) -> None:
    """Danger told behind any command gets the help lines before what the command does."""
    await clean.say(SAM, text)
    assert clean.telegram.chat(SAM)[0].text.startswith("Praat hier nu met iemand over")
    assert len(clean.telegram.chat(SAM)) >= 2


@pytest.mark.parametrize("data", ["old:7", "do:meta-start-quiz", "x" * 64])
async def test_an_old_button(clean: World, data: str) -> None:
    """A button that nothing handles says that it is old, without a new message."""
    shown = await clean.say(SAM, "/start")
    await clean.press(SAM, data, shown)
    answer = next(c for c in reversed(clean.telegram.calls) if c.method == "answerCallbackQuery")
    assert "oud" in answer.params["text"]
    assert len(clean.telegram.chat(SAM)) == 1


async def test_a_tap_from_before_a_restart(clean: World) -> None:
    """Telegram no longer takes the answer to an old tap: the screen comes all the same."""
    shown = await clean.say(SAM, "/start")
    clean.telegram.fail(
        "answerCallbackQuery", 400, description="Bad Request: query is too old and so on"
    )
    assert "vuistregels" in (await clean.press(SAM, "rules", shown)).text


async def test_a_command_in_a_group_points_to_the_private_chat(clean: World) -> None:
    """In a group the bot says one thing: ask me where nobody reads along."""
    await clean.update(in_group(clean, **command("/melden")))
    assert "https://t.me/VuistregelBot" in clean.last(GROUP).text
    assert clean.telegram.chat(SAM) == []


@pytest.mark.parametrize(
    "more",
    [
        {"text": "mag ik dit posten?"},
        {"photo": []},
        command("/start@AnderBot"),
        {"new_chat_members": []},
        {"edit_date": 1, "text": "ik wil dood"},
    ],
)
async def test_a_group_is_otherwise_left_in_peace(clean: World, more: dict[str, object]) -> None:
    """Talk in a group, and commands to another bot, get no answer."""
    body = in_group(clean, **more)
    await clean.update({"edited_message": body["message"]} if "edit_date" in more else body)
    assert clean.telegram.calls[1:] == []


@pytest.mark.parametrize("status", [400, 403])
async def test_not_allowed_to_write_in_a_group(clean: World, status: int) -> None:
    """No rights in a group: nothing is tried again, and the pupil does not count as gone."""
    await clean.run(people.ensure, SAM, clean.now())
    clean.telegram.fail("sendMessage", status, description="Forbidden: bot was kicked")
    await clean.update(in_group(clean, **command("/help@VuistregelBot")))
    assert [c.method for c in clean.telegram.calls].count("sendMessage") == 1
    person = await clean.run(people.find, SAM)
    assert person.unreachable_since is None


async def test_channel_posts_and_reactions_are_not_taken_in(clean: World) -> None:
    """Kinds of updates that the bot did not ask for leave no trace."""
    for kind in ("channel_post", "edited_channel_post", "message_reaction", "chat_boost"):
        await clean.update({kind: clean._message(SAM) | {"text": "canary"}})
    assert clean.telegram.calls[1:] == []


def membership(world: World, status: str, chat: dict[str, object]) -> dict[str, object]:
    bot = {"id": 1, "is_bot": True, "first_name": "Vuistregel"}
    old = {"status": "member", "user": bot}
    change = {"chat": chat, "from": world._user(SAM), "date": 1, "old_chat_member": old}
    return {"my_chat_member": change | {"new_chat_member": {"status": status, "user": bot}}}


async def test_blocked_and_unblocked(clean: World) -> None:
    """A block is remembered for deliveries, and forgotten when the person comes back."""
    await clean.run(people.ensure, SAM, clean.now())
    chat = {"id": SAM, "type": "private"}
    await clean.update(membership(clean, "kicked", chat))
    assert (await clean.run(people.find, SAM)).unreachable_since == clean.now()
    await clean.update(membership(clean, "member", chat))
    assert (await clean.run(people.find, SAM)).unreachable_since is None


@pytest.mark.parametrize("status", ["member", "administrator", "restricted", "left", "kicked"])
async def test_group_membership_is_no_block(clean: World, status: str) -> None:
    """Adding the bot to a group, or throwing it out, says nothing about the person who did."""
    await clean.run(people.ensure, SAM, clean.now())
    await clean.update(membership(clean, status, {"id": GROUP, "type": "group", "title": "x"}))
    assert (await clean.run(people.find, SAM)).unreachable_since is None


async def test_blocked_while_answering(clean: World) -> None:
    """Telegram says that the person blocked the bot: noted, and not tried again."""
    await clean.run(people.ensure, SAM, clean.now())
    clean.telegram.fail("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    await clean.say(SAM, "/help")
    assert [c.method for c in clean.telegram.calls].count("sendMessage") == 1
    assert (await clean.run(people.find, SAM)).unreachable_since == clean.now()


@pytest.mark.parametrize("status", [400, 500, 502])
async def test_a_hitch_of_telegram_is_tried_again(clean: World, status: int) -> None:
    """One refusal is nobody's trouble: the second try answers."""
    clean.telegram.fail("sendMessage", status, description="hitch")
    await clean.say(SAM, "/help")
    assert len(clean.telegram.chat(SAM)) == 1
