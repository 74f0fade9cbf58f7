"""Telegram's numbers, kept here because ``content`` does not import ``telegram``.

A test compares them with ``telegram.constants``. Lengths are in characters, except callback data.
"""

from __future__ import annotations

from typing import Final

MESSAGE: Final = 4096
"""Text of a message, after entities are parsed."""
POLL_QUESTION: Final = 300
POLL_OPTION: Final = 100
POLL_EXPLANATION: Final = 200
POLL_EXPLANATION_LINE_FEEDS: Final = 2
CALLBACK_DATA_BYTES: Final = 64

ROUND_PREFIX: Final = 4
"""The bot puts "2/5 " in front of a quiz question."""
QUIZ_QUESTION: Final = POLL_QUESTION - ROUND_PREFIX
CALLBACK_ID_BYTES: Final = 48
"""What an id may take of the callback data; the rest is the action in front of it."""
BUTTON: Final = 40
"""Our own bound: what a phone shows on one button without cutting it off."""
