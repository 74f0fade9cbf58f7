"""``python -m bot`` is the same as ``vuistregel``."""

from bot.cli import main

main()
