"""How the bot talks: python-telegram-bot, delivery, command line, playground."""

import os

# The library gives spans as timedelta from its next major version on; until then one opts in.
os.environ.setdefault("PTB_TIMEDELTA", "1")
