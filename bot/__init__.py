"""How the bot talks: python-telegram-bot, delivery, command line, playground."""
