"""An update is handled to its end, tried three times, then set aside; nothing taken in is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot import handling, shelf
from bot.handling import Handling
from bot.intake import strip, user_of
from storage import batch, drafts, inbox
from tests.bot.world import World

SAM, NOOR = 11, 12
FAIL: dict[str, Any] = {"description": "Bad Request: odd"}


@pytest.fixture(autouse=True)
def _not_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these tests say when what was left waiting is taken up again."""
    monkeypatch.setattr(handling, "AGAIN_SECONDS", 3600.0)


def raw(world: World, number: int, text: str, who: int = SAM) -> dict[str, Any]:
    body = world._message(who) | {"text": text}
    if text.startswith("/"):
        body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    kept = strip({"update_id": number, "message": body})
    assert kept is not None
    return kept


async def store(world: World, *updates: dict[str, Any]) -> None:
    rows = [inbox.TakenIn(u["update_id"], user_of(u), u) for u in updates]
    await world.run(inbox.take_in, rows, now=world.now())


async def test_handled_means_gone_from_the_inbox(clean: World) -> None:
    """What was handled is removed; its id is remembered."""
    await clean.say(SAM, "hoi")
    assert await clean.run(inbox.pending) == ()


async def test_three_failures_then_set_aside_and_sorry(clean: World) -> None:
    """After three failures the pupil is told, and the next update goes on as if nothing was."""
    for _ in range(3):
        clean.telegram.fail("sendMessage", 400, **FAIL)
    answer = await clean.say(SAM, "hoi")
    assert "ligt niet aan jou" in answer.text
    assert "112" in answer.text
    assert await clean.run(inbox.set_aside) == 1
    assert await clean.run(inbox.pending) == ()
    await clean.say(SAM, "/help")
    assert len(clean.telegram.chat(SAM)) == 2


async def test_sorry_in_the_persons_language_and_when_it_fails(clean: World) -> None:
    """The apology speaks English to an English phone; when it cannot be sent, nothing breaks."""
    clean.langs[SAM] = "en"
    for _ in range(3):
        clean.telegram.fail("sendMessage", 400, **FAIL)
    assert "isn't your fault" in (await clean.say(SAM, "hoi")).text
    for _ in range(4):
        clean.telegram.fail("sendMessage", 400, **FAIL)
    await clean.say(NOOR, "hoi")
    assert clean.telegram.chat(NOOR) == []
    assert await clean.run(inbox.set_aside) == 2


async def test_telegram_is_away_for_a_while(clean: World) -> None:
    """Telegram that is away is no failure of the update: the answer comes when it is back."""
    for _ in range(10):
        clean.telegram.fail("sendMessage", 502, description="Bad Gateway")
    assert "Vraag me gerust" in (await clean.say(SAM, "hoi")).text
    assert len(clean.telegram.chat(SAM)) == 1
    assert await clean.run(inbox.set_aside) == 0
    assert await clean.run(inbox.pending) == ()


async def test_telegram_says_to_wait_for_minutes(clean: World) -> None:
    """What Telegram will not take yet is answered when it does: that is no failure either."""
    for _ in range(10):
        clean.telegram.fail("sendMessage", 429, **FAIL, parameters={"retry_after": 600})
    assert "Vraag me gerust" in (await clean.say(SAM, "hoi")).text
    assert await clean.run(inbox.set_aside) == 0


async def test_no_apology_where_it_has_no_place(clean: World) -> None:
    """A failed inline query ends in silence: that person may never have started the bot."""
    for _ in range(3):
        clean.telegram.fail("answerInlineQuery", 500, **FAIL)
    query = {"id": "5", "from": clean._user(SAM), "query": "", "offset": ""}
    await clean.update({"inline_query": query})
    assert clean.telegram.chat(SAM) == []


async def test_what_the_library_cannot_read_is_set_aside(clean: World) -> None:
    """A stored update that cannot be read is set aside at once and does not come again."""
    await store(clean, {"update_id": 7, "message": {"no": "message"}})
    await clean.handling.resume()
    await clean.handling.settle()
    assert await clean.run(inbox.set_aside) == 1
    assert await clean.run(inbox.pending) == ()
    assert await clean.handling.now({"update_id": 8, "message": {"no": "message"}}) is True


async def test_a_restart_hands_over_what_was_stored(clean: World) -> None:
    """Updates that were stored and not handled are handled after a start, in order."""
    await store(clean, raw(clean, 7, "/start"), raw(clean, 8, "/help"))
    after = Handling(clean.app, clean.services, pause=0)
    await after.resume()
    await after.resume()  # while they are at hand they are not begun twice
    await after.settle()
    shown = [bubble.text[:3] for bubble in clean.telegram.chat(SAM)]
    assert shown == ["Hoi", "Dit"]
    assert await clean.run(inbox.pending) == ()


async def test_the_database_is_away_for_a_moment(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the outcome cannot be written down that is done later, and nothing is said twice."""
    run = clean.services.db.run

    async def away(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if operation is batch.exchange and args[0]:
            raise ConnectionError
        return await run(operation, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(clean.services.db, "run", away)
        await clean.say(SAM, "hoi")
    left = [clean.handling.left_waiting]
    assert len(await clean.run(inbox.pending)) == 1
    await clean.handling.resume()
    await clean.handling.settle()
    left.append(clean.handling.left_waiting)
    assert left == [True, False]
    assert await clean.run(inbox.pending) == ()
    assert len(clean.telegram.chat(SAM)) == 1


async def test_settle_waits_no_longer_than_told(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop does not hang on an update that does not end."""
    gate = asyncio.Event()

    async def never(*_: Any) -> None:
        await gate.wait()

    monkeypatch.setattr(clean.handling, "_to_the_end", never)
    clean.handling.later(raw(clean, 7, "hoi"))
    await clean.handling.settle(0.01)
    gate.set()
    await clean.handling.settle()


async def test_nothing_begins_after_settling(clean: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once all is settled no clearing is begun any more: the process may be stopping."""
    begun: list[object] = []
    await clean.handling.take_in([raw(clean, 1, "hoi")])
    await clean.handling.settle()
    monkeypatch.setattr(asyncio, "create_task", begun.append)
    await asyncio.sleep(shelf.CLEAR_SECONDS * 2)
    assert begun == []


async def test_a_webhook_update_is_settled_after_three_failures(clean: World) -> None:
    """Inside a request: tried three times, then the pupil is told, and Telegram need not repeat."""
    for _ in range(3):
        clean.telegram.fail("sendMessage", 400, **FAIL)
    assert await clean.handling.now(raw(clean, 7, "hoi")) is True
    assert "ligt niet aan jou" in clean.last(SAM).text


async def away(*_: Any, **__: Any) -> None:
    raise ConnectionError


async def test_a_webhook_update_while_the_database_is_away(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing can be written Telegram is told to repeat, and the repeat is handled.

    Meanwhile the pupil hears once that nothing is lost.
    """
    update = raw(clean, 7, "/stop")
    with monkeypatch.context() as patched:
        patched.setattr(clean.services.db, "run", away)
        for _ in range(2):
            assert await clean.handling.now(update) is False
    assert ["niets opnieuw te sturen" in b.text for b in clean.telegram.chat(SAM)] == [True]
    assert await clean.handling.now(update) is True
    assert len(clean.telegram.chat(SAM)) == 2


async def test_a_polled_update_while_the_database_is_away(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored update that cannot be handled stays, its person hears so, and is answered later."""
    update = raw(clean, 7, "/stop")
    await store(clean, update)
    with monkeypatch.context() as patched:
        patched.setattr(clean.services.db, "run", away)
        clean.handling.later(update)
        await clean.handling.settle()
    assert "niets opnieuw te sturen" in clean.last(SAM).text
    assert clean.handling.left_waiting
    await clean.handling.resume()
    await clean.handling.settle()
    assert "Er loopt nu niets" in clean.last(SAM).text


async def test_telegram_did_not_wait_for_the_webhooks_answer(clean: World) -> None:
    """An update that comes again while it is handled, or after, is answered once."""
    update = raw(clean, 7, "hoi")
    assert await asyncio.gather(*(clean.handling.now(update) for _ in range(2))) == [True, True]
    assert await clean.handling.now(update) is True
    assert len(clean.telegram.chat(SAM)) == 1


async def test_a_question_has_no_transaction_of_its_own(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storing it tells that no dialogue is open; it is cleared with the next batch."""
    run, done = clean.services.db.run, []

    async def noted(operation: Any, *args: Any, **kwargs: Any) -> Any:
        done.append(operation)
        return await run(operation, *args, **kwargs)

    await clean.say(SAM, "mag ik in de kantine op mijn telefoon?")
    monkeypatch.setattr(clean.services.db, "run", noted)
    await clean.say(SAM, "en mag ik bellen in de les?")
    assert done == [batch.exchange, batch.exchange]


async def test_words_that_came_with_the_command_belong_to_its_dialogue(clean: World) -> None:
    """Stored before the dialogue was opened, handled after it: they are no plain question."""
    who, what = raw(clean, 500, "/melden"), raw(clean, 501, "Sam de Vries")
    await clean.handling.take_in([who, what])
    await clean.handling.settle()
    await clean.handling.take_in([raw(clean, 502, "er staat een filmpje van mij online")])
    await clean.handling.settle()
    draft = await clean.run(drafts.load, SAM)
    assert draft is not None
    assert draft.data["name"] == "Sam de Vries"
    assert "filmpje" in draft.data["what"]


async def test_a_flood_gets_one_kind_line(clean: World) -> None:
    """Of a hundred messages at once twenty are answered and one line asks for fewer.

    Danger among them is answered all the same, and so is everybody else.
    """
    flood = [raw(clean, number, "mag ik in de kantine op mijn telefoon?") for number in range(98)]
    await clean.handling.take_in(
        [*flood, raw(clean, 98, "ik wil niet meer leven"), raw(clean, 99, "hoi")]
    )
    await clean.handling.take_in([raw(clean, 100, "mag ik bellen in de les?", NOOR)])
    await clean.handling.settle()
    texts = [bubble.text for bubble in clean.telegram.chat(SAM)]
    assert len(texts) == 22
    assert ["berichten tegelijk" in text for text in texts].count(True) == 1
    assert "113" in texts[-1]
    assert len(clean.telegram.chat(NOOR)) == 1
    assert await clean.run(inbox.pending) == ()
    assert not clean.services.surplus


async def test_a_command_is_never_too_many(clean: World) -> None:
    """Who asks a lot at once and then gives a command gets what they told the bot to do."""
    flood = [raw(clean, number, "mag ik in de kantine op mijn telefoon?") for number in range(25)]
    await clean.handling.take_in([*flood, raw(clean, 98, "/stop"), raw(clean, 99, "/melden")])
    await clean.handling.settle()
    texts = await texts_of(clean, SAM)
    assert ["Er loopt nu niets" in text for text in texts].count(True) == 1
    assert await clean.run(drafts.load, SAM) is not None


async def test_in_a_dialogue_no_word_is_too_many(clean: World) -> None:
    """Who tells something in thirty messages at once is heard to the last one."""
    await clean.say(SAM, "/melden")
    before = len(clean.telegram.chat(SAM))
    await clean.handling.take_in([raw(clean, 500 + n, f"deel {n}") for n in range(30)])
    await clean.handling.settle()
    texts = [bubble.text for bubble in clean.telegram.chat(SAM)[before:]]
    assert len(texts) >= 30
    assert not any("berichten tegelijk" in text for text in texts)


def lost() -> OperationalError:
    """Return what SQLAlchemy raises when PostgreSQL is not there."""
    return OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused"))


@pytest.mark.parametrize("broken", ["load", "save"])
async def test_what_follows_a_lost_connection_waits_behind_it(
    clean: World, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """An answer that could not be stored keeps its place: the next is not taken for it."""
    monkeypatch.setattr(handling, "AGAIN_SECONDS", 0.01)
    real, failures = getattr(drafts, broken), iter([lost()])

    def once(*args: Any, **named: Any) -> Any:
        if error := next(failures, None):
            raise error
        return real(*args, **named)

    monkeypatch.setattr(drafts, broken, once)
    said = ["/melden", "Sam de Vries", "er staat een filmpje van mij online"]
    await clean.handling.take_in([raw(clean, 601 + n, text) for n, text in enumerate(said)])
    while await clean.run(inbox.pending) or clean.handling.left_waiting:
        await clean.handling.settle()
        await asyncio.sleep(0.01)
    data = (await clean.run(drafts.load, SAM)).data
    assert (data["name"], data["what"]) == (said[1], said[2])


async def test_a_database_that_is_just_back_costs_nobody_an_update(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three failures while PostgreSQL restarts are no failures of the update: it comes again."""
    load, first, second = drafts.load, raw(clean, 7, "hoi"), raw(clean, 8, "hoi", NOOR)

    def gone(*_: Any) -> None:
        raise lost()

    await store(clean, first)
    with monkeypatch.context() as patched:
        patched.setattr(drafts, "load", gone)
        clean.handling.later(first)
        await clean.handling.settle()
        assert await clean.handling.now(second) is False
    assert drafts.load is load
    assert clean.handling.left_waiting
    await clean.handling.resume()
    await clean.handling.settle()
    assert await clean.handling.now(second) is True
    assert await clean.run(inbox.set_aside) == 0
    for who in (SAM, NOOR):
        said = [bubble.text for bubble in clean.telegram.chat(who)]
        assert "niets opnieuw te sturen" in said[0]
        assert len(said) == 2


async def test_what_was_left_waiting_is_taken_up_by_itself(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No poll has to return first: the bot looks again until the database answers."""
    monkeypatch.setattr(handling, "AGAIN_SECONDS", 0.001)
    load, failures = drafts.load, iter([lost(), lost()])

    def gone(*args: Any) -> Any:
        error = next(failures, None)
        if error:
            raise error
        return load(*args)

    monkeypatch.setattr(drafts, "load", gone)
    await store(clean, raw(clean, 7, "/stop"))
    await clean.handling.resume()
    while await clean.run(inbox.pending):
        await asyncio.sleep(0.01)
    await clean.handling.settle()
    assert "Er loopt nu niets" in clean.last(SAM).text


async def test_who_is_behind_what_could_not_be_stored_hears_so(clean: World) -> None:
    """Of a batch that comes again each person hears once that nothing is lost; no group does."""
    group = raw(clean, 9, "hoi", NOOR)
    group["message"]["chat"] = {"id": -100, "type": "group"}
    await clean.handling.calm([raw(clean, 7, "een"), raw(clean, 8, "twee"), group])
    assert len(clean.telegram.chat(SAM)) == 1
    assert clean.telegram.chat(NOOR) == clean.telegram.chat(-100) == []


async def test_each_line_of_the_log_names_its_update(clean: World) -> None:
    """While an update is handled all that is logged carries its id, by polling and by webhook."""
    with capture_logs([merge_contextvars]) as lines:
        for _ in range(6):
            clean.telegram.fail("sendMessage", 400, **FAIL)
        await clean.say(SAM, "hoi")
        await clean.handling.now(raw(clean, 4711, "hoi", NOOR))
    named = {line.get("request_id") for line in lines if line["event"] == "handler failed"}
    assert named == {501, 4711}


async def test_when_the_last_update_was(clean: World) -> None:
    """How long ago an update was handled is known; before the first it is not."""
    assert clean.handling.seconds_since_update() is None
    await clean.say(SAM, "hoi")
    since = clean.handling.seconds_since_update()
    assert since is not None
    assert since >= 0


async def texts_of(world: World, who: int) -> list[str]:
    return [bubble.text for bubble in world.telegram.chat(who)]


async def test_what_waited_comes_before_what_is_stored_meanwhile(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that waited for the database begins first; the words after it are part of it."""
    words = "mag ik een foto van de juf plaatsen?"
    await clean.say(NOOR, "/melden")
    await clean.say(NOOR, words)
    run, gate = clean.services.db.run, asyncio.Event()

    async def slow(operation: Any, *args: Any, **kwargs: Any) -> Any:
        found = await run(operation, *args, **kwargs)
        if operation is batch.exchange and args[1]:
            await gate.wait()
        return found

    await store(clean, raw(clean, 700, "/melden"))
    clean.handling._leave_waiting()
    monkeypatch.setattr(clean.services.db, "run", slow)
    taking = asyncio.create_task(clean.handling.take_in([raw(clean, 701, words)]))
    resuming = asyncio.create_task(clean.handling.resume())
    await asyncio.wait({resuming}, timeout=0.1)
    gate.set()
    await asyncio.gather(taking, resuming)
    await clean.handling.settle()
    assert await texts_of(clean, SAM) == await texts_of(clean, NOOR)


async def test_what_is_cleared_during_a_look_is_not_handled_again(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update that was still there when the inbox was read, and is gone since, stays gone."""
    run = clean.services.db.run
    update = raw(clean, 700, "hoi")
    await store(clean, update)

    async def slow(operation: Any, *args: Any, **kwargs: Any) -> Any:
        found = await run(operation, *args, **kwargs)
        if operation is inbox.pending:
            while clean.handling._running:
                await asyncio.sleep(0)
            clearing = asyncio.create_task(clean.handling._shelf.clear())
            await asyncio.wait({clearing}, timeout=0.1)
        return found

    clean.handling.later(update)
    with monkeypatch.context() as patched:
        patched.setattr(clean.services.db, "run", slow)
        await clean.handling.resume()
    await clean.handling.settle()
    assert len(clean.telegram.chat(SAM)) == 1


async def test_a_look_that_fails_is_repeated(clean: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database goes away during a look at what waits, it still waits."""
    clean.handling._leave_waiting()
    with monkeypatch.context() as patched:
        patched.setattr(clean.services.db, "run", away)
        with pytest.raises(ConnectionError):
            await clean.handling.resume()
    assert clean.handling.left_waiting
