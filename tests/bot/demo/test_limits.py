"""The stand-in's limits: refused is what Telegram would refuse, and only when they are on."""

from __future__ import annotations

import pytest

from bot.demo.errors import ApiError
from bot.demo.limits import Limits


def took(limits: Limits, method: str, chat: int | None, now: float) -> bool:
    try:
        limits.take(method, chat, now)
    except ApiError as error:
        return error.code != 429
    return True


def test_off_until_somebody_turns_them_on() -> None:
    """Nobody who plays is ever refused."""
    limits = Limits()
    assert all(took(limits, "sendMessage", 11, 0.0) for _ in range(100))


def test_thirty_in_any_second() -> None:
    """The thirty-first waits until the first is a second old; changed texts count, taps do not."""
    limits = Limits(on=True)
    assert all(took(limits, "sendMessage", chat, chat / 100) for chat in range(1, 31))
    assert not took(limits, "editMessageText", 99, 0.9)
    assert took(limits, "answerCallbackQuery", None, 0.9)
    assert took(limits, "editMessageText", 99, 1.01)
    assert not took(limits, "sendPoll", 98, 1.01)
    assert (limits.taken, limits.refused) == (31, 2)


@pytest.mark.parametrize("method", ["sendMessage", "sendPoll", "copyMessage"])
def test_one_message_a_second_in_a_chat(method: str) -> None:
    """A second message in a chat within a second is refused; a change of one is not."""
    limits = Limits(on=True)
    assert took(limits, "sendPhoto", 11, 5.0)
    assert not took(limits, method, 11, 5.9)
    assert took(limits, "editMessageText", 11, 5.9)
    assert took(limits, method, 12, 5.9)
    assert took(limits, method, 11, 6.0)
