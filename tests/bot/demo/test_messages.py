"""Messages through real HTTP: what is taken, what is refused and in which words."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, EndPointNotFound, Forbidden, InvalidToken

from bot.demo.clock import Clock
from bot.demo.handset import Handset, NotSeen, Playground
from bot.demo.server import DemoServer
from bot.demo.state import State
from bot.demo.validate import check_object

from .conftest import make_bot

ONE = InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="yes")]])


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    return out.getvalue()


async def test_conversation(bot: Bot, sam: Handset, state: State) -> None:
    """A text reaches the bot, an answer with a button the person, the tap the bot."""
    await sam.say("mag ik dit posten?")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "mag ik dit posten?"
    assert update.message.chat.id == 5001

    await bot.send_message(5001, "<b>Nee</b>, niet zomaar", parse_mode="HTML", reply_markup=ONE)
    card = await sam.expect("niet zomaar")
    assert card.buttons == ["Ja"]
    assert card.raw["entities"] == [{"type": "bold", "offset": 0, "length": 3}]

    tapped = await sam.tap("Ja")
    (update,) = await bot.get_updates(offset=update.update_id + 1)
    assert update.callback_query is not None
    assert update.callback_query.data == "yes"
    await update.callback_query.answer("Dank je", show_alert=True)
    assert await sam.answered(tapped) == {"text": "Dank je", "show_alert": True}
    assert state.violations == []


async def test_edit_and_delete(bot: Bot, sam: Handset) -> None:
    """An edit replaces text and buttons; the same again is refused; what is gone is not found."""
    await sam.start()
    sent = await bot.send_message(5001, "een", reply_markup=ONE)
    await bot.edit_message_text("twee", 5001, sent.message_id)
    seen = await sam.expect("twee")
    assert seen.buttons == []
    assert "edit_date" in seen.raw
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("twee", 5001, sent.message_id)
    await bot.edit_message_reply_markup(5001, sent.message_id, reply_markup=ONE)
    assert (await sam.last()).buttons == ["Ja"]
    assert await bot.delete_message(5001, sent.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(5001, sent.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("drie", 5001, sent.message_id)
    assert await bot.delete_messages(5001, [sent.message_id, 99999])
    assert [bubble.text for bubble in await sam.chat()] == ["/start"]


async def test_own_messages_only(bot: Bot, sam: Handset) -> None:
    """The bot cannot edit what a person wrote, but can delete it in a private chat."""
    message_id = await sam.say("hoi")
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("hee", 5001, message_id)
    assert await bot.delete_message(5001, message_id)


async def test_delete_after_two_days(bot: Bot, sam: Handset, playground: Playground) -> None:
    """After 48 hours a message can be edited but not deleted."""
    await sam.start()
    sent = await bot.send_message(5001, "oud")
    await playground.clock(by=48 * 3600 + 60)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await bot.delete_message(5001, sent.message_id)
    await bot.edit_message_text("weg", 5001, sent.message_id)


async def test_lengths(bot: Bot, sam: Handset) -> None:
    """4096 characters after entities, 1024 in a caption, 64 bytes of callback data."""
    await sam.start()
    await bot.send_message(5001, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(5001, "a" * 4097)
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(5001, "  \n ")
    await bot.send_photo(5001, png(), caption="c" * 1024)
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(5001, png(), caption="c" * 1025)
    for data in ("é" * 33, ""):
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data=data)]])
        with pytest.raises(BadRequest, match=r"(?i)button_data_invalid|unallowed"):
            await bot.send_message(5001, "x", reply_markup=markup)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<b>open", "Can't find end tag"),
        ("<h1>kop</h1>", 'Unsupported start tag "h1"'),
        ("<b><i>x</b></i>", "Unmatched end tag"),
        ("x</b>", "Unexpected end tag"),
        ("1 < 2", r"Un(closed|supported) start tag"),
    ],
)
async def test_bad_html(bot: Bot, sam: Handset, html: str, words: str) -> None:
    """What is not Telegram's HTML is refused with "can't parse entities"."""
    await sam.start()
    with pytest.raises(BadRequest, match=f"(?i)can't parse entities: {words}"):
        await bot.send_message(5001, html, parse_mode="HTML")


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://www.kindertelefoon.nl/chat", True),
        ("tg://user?id=5", True),
        ("https://t.me/vuistregel_demo_bot?start=abc", True),
        ("http://geen host", False),
        ("javascript:alert(1)", False),
        ("nietgoed", False),
    ],
)
async def test_button_url(bot: Bot, sam: Handset, url: str, good: bool) -> None:
    """A button's address must be one that Telegram can open."""
    await sam.start()
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("open", url=url)]])
    if good:
        await bot.send_message(5001, "x", reply_markup=markup)
        assert (await sam.tap("open"))["url"] == url
    else:
        with pytest.raises(BadRequest, match=r"(?i)wrong http url"):
            await bot.send_message(5001, "x", reply_markup=markup)


async def test_who_can_be_reached(bot: Bot, sam: Handset, server: DemoServer) -> None:
    """Unknown or never started: chat not found; blocked: Forbidden; a wrong token: refused."""
    for chat in (5001, 424242):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(chat, "hallo")
    await sam.start()
    await sam.block()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(5001, "hallo")
    updates = await bot.get_updates()
    member = updates[-1].my_chat_member
    assert member is not None
    assert member.new_chat_member.status == "kicked"
    await sam.say("terug")
    await bot.send_message(5001, "hallo")
    stranger = make_bot(server, "1:nee")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
    for request in stranger._request:
        await request.shutdown()


async def test_keyboard_reply_and_flags(bot: Bot, sam: Handset) -> None:
    """Reply keyboards, replies, protected and silent messages, typing, reactions are kept."""
    asked = await sam.say("vraag")
    keys = ReplyKeyboardMarkup([[KeyboardButton("Stoppen")]], resize_keyboard=True)
    await bot.send_message(
        5001,
        "kies",
        reply_markup=keys,
        reply_to_message_id=asked,
        protect_content=True,
        disable_notification=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    seen = await sam.expect("kies")
    assert seen.raw["has_protected_content"]
    assert seen.raw["silent"]
    assert seen.raw["reply_to_message"]["message_id"] == asked
    view = await sam.view()
    assert view["keyboard"]["keyboard"][0][0]["text"] == "Stoppen"
    await bot.send_chat_action(5001, "typing")
    assert (await sam.view())["action"] == "typing"
    await bot.send_message(5001, "weg", reply_markup=ReplyKeyboardRemove())
    view = await sam.view()
    assert (view["keyboard"], view["action"]) == (None, "")
    await bot.set_message_reaction(5001, asked, "👍")
    assert (await sam.chat())[0].raw["reactions"] == ["👍"]
    with pytest.raises(BadRequest, match="replied not found"):
        await bot.send_message(5001, "x", reply_to_message_id=99999)


async def test_files(bot: Bot, sam: Handset, server: DemoServer) -> None:
    """A picture and a document travel whole, and again by their file id."""
    await sam.start()
    picture = png()
    sent = await bot.send_photo(5001, picture, caption="kaart")
    assert sent.photo[0].width == 40
    assert server.state.files[sent.photo[0].file_id].data == picture
    data = bytes(range(256)) * 8 + b"\r\n--nothing\r\n"
    document = await bot.send_document(5001, data, filename="mijn gegevens.json")
    assert document.document is not None
    assert document.document.file_name == "mijn gegevens.json"
    assert server.state.files[document.document.file_id].data == data
    await bot.send_document(5001, document.document.file_id)
    await bot.edit_message_caption(5001, sent.message_id, caption="nieuw")
    assert (await sam.last()).text == "nieuw"
    with pytest.raises(BadRequest):
        await bot.send_photo(5001, b"geen plaatje")


async def test_entities_given(bot: Bot, sam: Handset) -> None:
    """Entities sent as data stay; a mention inside code stays dead, outside it becomes active."""
    await sam.start()
    code = MessageEntity(MessageEntity.CODE, 0, 8)
    await bot.send_message(5001, "@iemand1 en @iemand2", entities=[code])
    kinds = [entity["type"] for entity in (await sam.last()).raw["entities"]]
    assert kinds == ["code", "mention"]


async def test_unknown_fields_and_methods(bot: Bot, sam: Handset, playground: Playground) -> None:
    """What the official API does not have is written down; an unknown method is not found."""
    await sam.start()
    await bot.send_message(5001, "x", api_kwargs={"colour": "red"})
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendTelepathy", {"chat_id": 5001})
    with pytest.raises(BadRequest, match="Can't parse parameter"):
        await bot.send_message(5001, "x", api_kwargs={"message_thread_id": "nee"})
    assert await playground.violations() == [
        "sendMessage: unknown field colour",
        "unknown method sendTelepathy",
    ]


async def test_official_shape(bot: Bot, sam: Handset, state: State) -> None:
    """Updates and messages of the stand-in have the fields and types of the official API."""
    for kind in ("photo", "voice", "sticker", "location", "contact", "video", "document"):
        await sam.send(kind, caption="kijk")
    first = await sam.say("/start abc @iemand1")
    await sam.edit(first, "toch niet")
    sent = await bot.send_message(5001, "knop", reply_markup=ONE)
    await sam.tap("Ja")
    await sam.press("oud", 3)
    await bot.send_poll(5001, "wat?", ["a", "b"], is_anonymous=False)
    await sam.vote(1)
    await sam.block()
    for queued in state.updates.pending:
        assert check_object("Update", queued.update) == []
    assert check_object("Message", sent.to_dict()) == []


async def test_expectation_that_fails(sam: Handset) -> None:
    """A telephone that waits in vain says for what, and what it sees instead."""
    await sam.say("hoi")
    with pytest.raises(NotSeen, match=r"waited for 'nooit'(?s:.)*hoi"):
        await sam.expect("nooit", timeout=0)


def test_clock_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The clock's offset stands in its file as whole seconds."""
    clock = Clock(tmp_path / "clock", real=lambda: 1000.0)
    clock.move(3600)
    assert (clock.now(), clock.path.read_text()) == (4600.0, "3600\n")  # type: ignore[union-attr]
