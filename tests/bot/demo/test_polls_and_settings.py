"""Polls, menus, inline mode, groups, control API and page through real HTTP."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineQueryResultArticle,
    InputTextMessageContent,
    MenuButtonCommands,
)
from telegram.error import BadRequest

from bot.demo.entities import formatted, parse_html
from bot.demo.handset import Handset, Playground
from bot.demo.server import WEB, DemoServer
from bot.demo.state import State

QUIZ: dict[str, Any] = {
    "question": "2/5 Mag het?",
    "options": ["Ja", "Nee", "Soms"],
    "type": "quiz",
    "correct_option_ids": [1],
    "is_anonymous": False,
    "explanation": "Regel 2: <b>privacy</b>.",
    "explanation_parse_mode": "HTML",
}


async def test_quiz(bot: Bot, sam: Handset, noor: Handset) -> None:
    """A quiz hides the answer until the own vote, takes one vote and tells the bot of it."""
    await sam.start()
    await bot.send_poll(5001, **QUIZ)
    poll = (await sam.last()).poll
    assert poll is not None
    assert "explanation" not in poll
    await sam.vote(2)
    seen = (await sam.chat())[-1].poll
    assert seen is not None
    assert (seen["vote"], seen["correct_option_ids"]) == ([2], [1])
    assert seen["explanation"] == "Regel 2: privacy."
    updates = await bot.get_updates()
    (answer,) = [u.poll_answer for u in updates if u.poll_answer]
    assert (answer.user and answer.user.id, answer.option_ids) == (5001, (2,))
    with pytest.raises(AssertionError, match="answered once"):
        await sam._do("vote", message_id=(await sam.chat())[-1].id, options=[1])


async def test_stop_poll(bot: Bot, sam: Handset) -> None:
    """A closed poll takes no votes and cannot be closed again; an anonymous one names nobody."""
    await sam.start()
    sent = await bot.send_poll(5001, "Wanneer?", ["nu", "later"])
    await sam.vote(0)
    assert [u.poll_answer for u in await bot.get_updates() if u.poll_answer] == []
    closed = await bot.stop_poll(5001, sent.message_id)
    assert (closed.is_closed, closed.options[0].voter_count) == (True, 1)
    with pytest.raises(BadRequest, match="already been closed"):
        await bot.stop_poll(5001, sent.message_id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"question": "q" * 301}, "question length"),
        ({"question": " "}, "non-empty"),
        ({"options": ["een"]}, "at least 2"),
        ({"options": [str(i) for i in range(13)]}, "more than 12"),
        ({"options": ["een", "o" * 101]}, "options length"),
        ({"explanation": "e" * 201}, "too long"),
        ({"explanation": "a\nb\nc\nd"}, "line feeds"),
        ({"correct_option_ids": [3]}, "correct option"),
        ({"correct_option_ids": None}, "correct option"),
    ],
)
async def test_poll_limits(bot: Bot, sam: Handset, change: dict[str, Any], words: str) -> None:
    """A quiz past one of Telegram's limits is refused."""
    await sam.start()
    with pytest.raises(BadRequest, match=words):
        await bot.send_poll(5001, **{**QUIZ, **change})


async def test_command_menu(bot: Bot, sam: Handset, noor: Handset) -> None:
    """The menu is the narrowest scope in the person's language."""
    await sam.start()
    await bot.set_my_commands([BotCommand("help", "Hulp")])
    await bot.set_my_commands([BotCommand("help", "Help")], language_code="en")
    assert [c["description"] for c in (await sam.view())["commands"]] == ["Hulp"]
    assert [c["description"] for c in (await noor.view())["commands"]] == ["Help"]
    scope = BotCommandScopeChat(5001)
    await bot.set_my_commands([BotCommand("klas", "Je klas")], scope=scope)
    assert [c["command"] for c in (await sam.view())["commands"]] == ["klas"]
    assert (await bot.get_my_commands(scope=scope))[0].command == "klas"
    await bot.delete_my_commands(scope=scope)
    assert [c["command"] for c in (await sam.view())["commands"]] == ["help"]
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Mijn-Gegevens", "x")])
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([BotCommand("x", "x")], scope=BotCommandScopeChat(5002))


async def test_names_and_menu_button(bot: Bot, sam: Handset, state: State) -> None:
    """Name, descriptions and menu button are kept by language and have their limits."""
    await bot.set_my_name("Vuistregel ECL")
    assert (await bot.get_my_name()).name == "Vuistregel ECL"
    await bot.set_my_description("Stel je vraag", language_code="nl")
    assert (await sam.view())["description"] == "Stel je vraag"
    await bot.set_my_short_description("kort")
    assert (await bot.get_my_short_description()).short_description == "kort"
    with pytest.raises(BadRequest, match="too long"):
        await bot.set_my_short_description("k" * 121)
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await sam.view())["menu_button"] == {"type": "commands"}
    await sam.start()
    assert (await bot.get_chat(5001)).first_name == "Sam"
    assert state.violations == []


async def test_inline_mode(bot: Bot, sam: Handset, playground: Playground) -> None:
    """Results are offered for what is typed and a chosen one stands in the group's chat."""
    group = await playground.group("Klas H3b", "sam", "noor")
    query = await sam._do("inline", query="foto docent")
    (update,) = await bot.get_updates()
    assert update.inline_query is not None
    content = InputTextMessageContent("<b>Regel 2</b>", parse_mode="HTML")
    result = InlineQueryResultArticle("r2", "Regel 2", content)
    await update.inline_query.answer([result], cache_time=0)
    assert (await sam.answered(query))["results"][0]["title"] == "Regel 2"
    sam.chat_id = group
    await sam.choose(query, "r2")
    (shared,) = await sam.chat()
    assert (shared.text, shared.raw["via_bot"]["is_bot"]) == ("Regel 2", True)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_inline_query("123", [])


async def test_groups(bot: Bot, sam: Handset, noor: Handset, playground: Playground) -> None:
    """In a group the bot hears commands, mentions and replies only, and all members read it."""
    group = await playground.group("Klas H3b", "sam", "noor")
    sam.chat_id = noor.chat_id = group
    await sam.say("gewoon gepraat")
    await sam.say("/regels")
    updates = await bot.get_updates()
    assert [u.message.text for u in updates if u.message] == ["/regels"]
    await bot.send_message(group, "kom in privé")
    assert (await noor.last()).text == "kom in privé"


async def test_forged_press(bot: Bot, sam: Handset) -> None:
    """Callback data can be forged on a message that is gone; the bot sees it as inaccessible."""
    await sam.start()
    query = await sam.press("report:send:7", 12345)
    update = (await bot.get_updates())[-1]
    assert update.callback_query is not None
    assert update.callback_query.data == "report:send:7"
    assert update.callback_query.message is not None
    assert not update.callback_query.message.is_accessible
    await update.callback_query.answer()
    assert (await sam.answered(query))["text"] == ""
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("1")


async def test_page_and_guards(server: DemoServer, playground: Playground) -> None:
    """The page and its files are served to this machine only and fetch nothing from elsewhere."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        page = await http.get("/")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for name in re.findall(r'(?:src|href)="([^"#]+)"', page.text):
            assert (await http.get(f"/{name}")).status_code == 200, name
        foreign = await http.get("/", headers={"host": "evil.example"})
        assert foreign.status_code == 400
        form = await http.post("/demo/do/say", data={"person": "sam", "text": "x"})
        assert form.status_code == 415
        missing = await http.post("/demo/do/say", json={"text": "x"})
        assert missing.status_code == 400
    assert (await playground.state())["people"][0]["key"] == "sam"


def test_no_external_requests() -> None:
    """No file of the page names an address outside this machine but Telegram's deep links."""
    allowed = ("https://t.me/", "http://www.w3.org/2000/svg")
    for path in WEB.rglob("*.*"):
        for address in re.findall(r"https?://[^$\s'\"`)<]+", path.read_text(encoding="utf-8")):
            assert address.startswith(allowed), f"{path.name}: {address}"


async def test_other_addresses_are_refused(state: State) -> None:
    """The stand-in never listens where others could reach it."""
    with pytest.raises(ValueError, match="this machine only"):
        DemoServer(state, host="0.0.0.0")


async def test_live_events(server: DemoServer, sam: Handset) -> None:
    """The page hears of every change through server-sent events."""
    async with (
        httpx.AsyncClient(base_url=server.url, trust_env=False) as http,
        http.stream("GET", "/demo/events") as stream,
    ):
        lines = (line async for line in stream.aiter_lines() if line.startswith("data:"))
        first = await anext(lines)
        await sam.start()
        second = await anext(lines)
    assert int(second.split()[1]) > int(first.split()[1])


def test_html_offsets() -> None:
    """Offsets count UTF-16 units; nested tags, links, references and trimming are kept right."""
    text, entities = parse_html(
        '😀 <b>vet <i>én</i></b> <a href="https://x.nl/?a=1&amp;b=2">hier</a>'
    )
    assert text == "😀 vet én hier"
    assert entities == [
        {"type": "italic", "offset": 7, "length": 2},
        {"type": "bold", "offset": 3, "length": 6},
        {"type": "text_link", "offset": 10, "length": 4, "url": "https://x.nl/?a=1&b=2"},
    ]
    text, entities = formatted("\n  <b>a</b> &lt;3 &nbsp; ", "HTML")
    assert text == "a <3 &nbsp;"
    assert entities == [{"type": "bold", "offset": 0, "length": 1}]
