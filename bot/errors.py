"""What can go wrong in this room."""


class BotError(Exception):
    """Base of all errors of this room."""


class SettingsProblem(BotError):
    """A setting is wrong or missing; the message is one line for the administrator."""


class StartProblem(BotError):
    """The bot cannot start; the message is one line for the administrator."""
