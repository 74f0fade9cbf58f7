"""A few questions to the Bot API, asked once: who the bot is, its webhook, who wrote to it.

No address is ever shown: it holds the token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.errors import StartProblem

if TYPE_CHECKING:
    import httpx

PATIENCE: Final = 10.0


class WrongToken(StartProblem):
    """Telegram does not know the token."""


class Away(StartProblem):
    """The Bot API cannot be reached, or answers what is none of its answers."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot; ``inline``: whether its rules can be shared in other chats."""

    username: str
    inline: bool


@dataclass(frozen=True, slots=True)
class Writer:
    """A person who wrote to the bot in private."""

    id: int
    name: str


class BotApi:
    """Asks one Bot API server about one bot. Every method raises WrongToken or Away."""

    def __init__(self, token: str, api_url: str) -> None:
        self._base = f"{api_url}/bot{token}"

    def me(self) -> Me:
        """Ask who the bot is."""
        found = self._ask("getMe")
        return Me(str(found["username"]), bool(found.get("supports_inline_queries")))

    def webhook(self) -> dict[str, Any]:
        """Ask what webhook is set: ``url`` (empty for none), ``last_error_date`` and the like."""
        found: dict[str, Any] = self._ask("getWebhookInfo")
        return found

    def last_writer(self) -> Writer | None:
        """Ask who wrote last in private, without taking anything away from the bot."""
        people = [
            message["from"]
            for update in self._ask("getUpdates", limit=100, timeout=0)
            if (message := update.get("message")) and message["chat"]["type"] == "private"
        ]
        if not people:
            return None
        name = f"{people[-1].get('first_name', '')} {people[-1].get('last_name', '')}".strip()
        return Writer(int(people[-1]["id"]), name)

    def _ask(self, method: str, **values: int) -> Any:
        import httpx

        try:
            answer = httpx.post(f"{self._base}/{method}", json=values, timeout=PATIENCE)
            return _result(answer)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError):
            raise Away("the Bot API cannot be reached") from None


def _result(answer: httpx.Response) -> Any:
    if answer.status_code in (401, 404):
        raise WrongToken("Telegram does not know VUISTREGEL_TOKEN")
    said = answer.json()
    if not said["ok"]:
        raise Away(f"the Bot API refuses that: {answer.status_code}")
    return said["result"]
