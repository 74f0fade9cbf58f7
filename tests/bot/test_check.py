"""The post check, what starts it, the rules to browse, and rule cards for a class chat."""

from __future__ import annotations

import pytest

from content.models import CheckQuestion
from content.pack import Pack
from content.postcheck import PostCheck
from tests.bot.telegram import Bubble
from tests.bot.world import World

SAM = 11
PHOTO = [{"file_id": "canary-file", "file_unique_id": "u", "width": 1, "height": 1}]
NAKED, SAFE = "Ja", "Nee"


def labels(bubble: Bubble) -> list[str]:
    return [label for label, _ in bubble.buttons]


def taps(pack: Pack) -> list[tuple[int, ...]]:
    """Return the taps to every outcome of the tree."""
    tree = PostCheck(pack.check)
    found: list[tuple[int, ...]] = []
    open_: list[tuple[int, ...]] = [()]
    while open_:
        path = open_.pop()
        node = tree.walk(path)
        if isinstance(node, CheckQuestion):
            open_ += [(*path, choice) for choice in range(len(node.answers))]
        else:
            found.append(path)
    return found


async def test_the_check_runs_in_one_message(clean: World, pack: Pack) -> None:
    """Each tap replaces the question; whatever is tapped ends at a verdict after five at most."""
    for path in taps(pack):
        shown = await clean.say(SAM, "/check")
        for choice in path:
            last = await clean.press(SAM, shown.buttons[choice][1], shown)
            assert last.message_id == shown.message_id
        assert shown.text[0] in "🔴🟠🟢🔵"
        assert len(path) <= 5


async def test_nakedness_ends_the_taps_with_help(clean: World) -> None:
    """Somebody naked: no further taps but help lines, an urgent report, and nothing is deleted."""
    await clean.send(SAM, photo=PHOTO)
    end = await clean.tap(SAM, NAKED)
    assert "Helpwanted" in end.text
    assert "Wis het uit deze chat" not in labels(end)


async def test_a_picture_starts_the_check_and_can_be_deleted(clean: World) -> None:
    """The bot says that it does not look, and deletes what was sent only when asked."""
    first = await clean.send(SAM, photo=PHOTO)
    assert "Ik kijk niet naar wat je stuurt" in first.text
    for label in (SAFE, "Nee, niemand", "Nee"):
        await clean.tap(SAM, label)
    assert not [c for c in clean.telegram.calls if c.method == "deleteMessage"]
    assert "niet meer in deze chat" in (await clean.tap(SAM, "Wis het uit deze chat")).text
    [call] = [c for c in clean.telegram.calls if c.method == "deleteMessage"]
    assert call.params == {"chat_id": SAM, "message_id": 2}


async def test_what_cannot_be_deleted(clean: World) -> None:
    """Too old or already gone: the pupil hears how to do it."""
    first = await clean.send(SAM, photo=PHOTO)
    clean.telegram.fail("deleteMessage", 400, description="Bad Request: message can't be deleted")
    assert "zelf uit de chat" in (await clean.press(SAM, "del:2", first)).text
    assert "zelf uit de chat" in (await clean.press(SAM, "del:x", first)).text


@pytest.mark.parametrize("kind", ["photo", "video", "animation", "document", "video_note", "story"])
async def test_everything_to_look_at_starts_the_check(clean: World, kind: str) -> None:
    """Photo, video, gif, file, round video and story all start the check."""
    assert "naakt" in (await clean.send(SAM, **{kind: {"file_id": "canary-file"}})).text


@pytest.mark.parametrize(
    "more",
    [
        {"text": "https://www.tiktok.com/@iemand/video/1"},
        {"text": "WWW.instagram.com/p/1 https://a.nl"},
        {"text": "kijk dan", "forward_origin": {"type": "user"}},
    ],
)
async def test_links_and_forwards_start_the_check(clean: World, more: dict[str, object]) -> None:
    """A bare link or a forwarded message starts the check."""
    assert "naakt" in (await clean.send(SAM, **more)).text


async def test_a_question_with_a_link_is_a_question(clean: World) -> None:
    """Words beside a link are answered where they are clear."""
    text = "mag ik een foto van de klas op mijn story zetten? https://insta.nl/p/1"
    assert "Regel 2" in (await clean.say(SAM, text)).text


async def test_a_quoted_answer_is_a_question(clean: World) -> None:
    """Words typed under a quote are the pupil's own, so they are a question."""
    quote = {"text": "oud", "position": 0}
    card = await clean.say(SAM, "mag ik een foto van de klas op mijn story zetten?", quote=quote)
    assert "Regel 2" in card.text


@pytest.mark.parametrize("how", [{"photo": PHOTO}, {"forward_origin": {"type": "user"}}])
async def test_danger_in_a_caption_comes_first(clean: World, how: dict[str, object]) -> None:
    """Danger under a picture, or in a forwarded text, gets the help lines and no taps."""
    words = "text" if "forward_origin" in how else "caption"
    card = await clean.send(SAM, **how, **{words: "ik wil dood"})
    assert card.text.startswith("Praat hier nu met iemand over")


async def test_an_album_is_answered_once(clean: World) -> None:
    """Four pictures sent together start one check; a second album starts its own."""
    for _ in range(4):
        await clean.send(SAM, photo=PHOTO, media_group_id="1")
    assert len(clean.telegram.chat(SAM)) == 1
    await clean.send(SAM, photo=PHOTO, media_group_id="2")
    assert len(clean.telegram.chat(SAM)) == 2


async def test_danger_under_a_later_picture_of_an_album(clean: World) -> None:
    """A caption further on in an album is read all the same."""
    await clean.send(SAM, photo=PHOTO, media_group_id="1")
    card = await clean.send(SAM, photo=PHOTO, media_group_id="1", caption="ik wil dood")
    assert "113" in card.text


async def test_an_album_is_not_half_deleted(clean: World) -> None:
    """Of an album the bot would delete one picture, so it does not offer that."""
    await clean.send(SAM, photo=PHOTO, media_group_id="1")
    for label in (SAFE, "Nee, niemand"):
        await clean.tap(SAM, label)
    assert "Wis het uit deze chat" not in labels(await clean.tap(SAM, "Nee"))


async def test_first_of_an_album_is_tried_again(clean: World) -> None:
    """When the answer to an album fails to go out, the next try gives it."""
    clean.telegram.fail("sendMessage", 500, description="Internal Server Error")
    assert "naakt" in (await clean.send(SAM, photo=PHOTO, media_group_id="1")).text
    assert len(clean.telegram.chat(SAM)) == 1


@pytest.mark.parametrize(
    "data",
    [
        "check",
        "check:",
        "check:9:1",
        "check:0000000:1",
        "check:x:1",
        "check:2:" + "9" * 50,
        "check:1:2:3",
    ],
)
async def test_forged_taps_of_the_check(clean: World, data: str) -> None:
    """Tampered or old taps start anew or say that the button is old."""
    shown = await clean.say(SAM, "/check")
    last = await clean.press(SAM, data, shown)
    assert "naakt" in last.text or "oud" in last.text
    assert clean.services.failures == {}


async def test_a_double_tap_changes_nothing(clean: World) -> None:
    """The same button twice: Telegram says "not modified", and nothing else happens."""
    shown = await clean.say(SAM, "/check")
    data = shown.data(SAFE)
    await clean.press(SAM, data, shown)
    clean.telegram.fail(
        "editMessageText", 400, description="Bad Request: message is not modified: same content"
    )
    await clean.press(SAM, data, shown)
    assert len(clean.telegram.chat(SAM)) == 1


async def test_a_tap_on_a_message_that_is_gone(clean: World) -> None:
    """The pupil deleted the message: the answer comes as a new one."""
    shown = await clean.say(SAM, "/check")
    data = shown.data(SAFE)
    clean.telegram.fail(
        "editMessageText", 400, description="Bad Request: message to edit not found"
    )
    assert (await clean.press(SAM, data, shown)).message_id != shown.message_id


async def test_rules_to_browse(clean: World, pack: Pack) -> None:
    """Every rule and lettered part can be read, in both languages, within Telegram's limits."""
    for lang, command in (("nl", "regel"), ("en", "rule")):
        clean.langs[SAM], clean.services.recent = lang, type(clean.services.recent)()
        listed = await clean.say(SAM, "/rules")
        assert len(listed.buttons) == 10
        for label in pack.labels:
            card = await clean.say(SAM, f"/{command} {label.upper()}")
            assert pack.rule(label).title.in_(lang) in card.text


@pytest.mark.parametrize("text", ["/regel 99", "/regel <b>x", "/regel 7 c"])
async def test_rule_command_with_something_odd(clean: World, text: str) -> None:
    """An unknown rule lists what there is; "7 c" is read as 7c."""
    shown = await clean.say(SAM, text)
    assert ("ken ik niet" in shown.text) != ("Regel 7c" in shown.text)


async def ask_inline(world: World, text: str) -> list[dict[str, object]]:
    query = {"id": "5", "from": world._user(SAM), "query": text, "offset": ""}
    await world.update({"inline_query": query})
    params = next(
        c.params for c in reversed(world.telegram.calls) if c.method == "answerInlineQuery"
    )
    results: list[dict[str, object]] = params["results"]
    return results


async def test_inline_cards(clean: World) -> None:
    """``@bot`` in a class chat gives rule cards: all for nothing typed, the fitting one first."""
    assert [card["id"] for card in await ask_inline(clean, "")] == [str(n) for n in range(1, 11)]
    found = await ask_inline(clean, "telefoon in de les")
    assert found[0]["id"] == "6"
    assert len({card["id"] for card in found}) == len(found)


async def test_inline_query_that_is_too_old(clean: World) -> None:
    """A stale inline query is nothing to repeat or to say sorry for."""
    clean.telegram.fail(
        "answerInlineQuery", 400, description="Bad Request: query is too old and response timeout"
    )
    await ask_inline(clean, "foto")
    assert clean.telegram.chat(SAM) == []


async def test_a_card_shared_in_the_bots_own_chat(clean: World) -> None:
    """A rule card that a pupil posts here by inline mode is no question."""
    await clean.send(SAM, text="Regel 7: ...", via_bot={"id": 1, "is_bot": True, "first_name": "V"})
    assert clean.telegram.chat(SAM) == []
