"""What can go wrong in this room."""


class BotError(Exception):
    """Base of all errors of this room."""


class SettingsProblem(BotError):
    """A setting is wrong or missing; the message is one line for the administrator."""


class StartProblem(BotError):
    """The bot cannot start; the message is one line for the administrator."""


def place_of(error: BaseException) -> str:
    """Return file and line where ``error`` arose: enough to find it, without any words."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
