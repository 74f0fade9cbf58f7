"""Stand-ins for the matcher: for tests of what the bot does, not of what it understands."""

from __future__ import annotations

from content.match import Match
from content.matcher import Matcher
from content.pack import Pack
from tests.bot.world import World


class Heard(Matcher):
    """The real matcher, which also writes down what it was asked, with the question before."""

    def __init__(self, matcher: Matcher) -> None:
        self.__dict__ |= matcher.__dict__
        self.real = matcher
        self.asked: list[tuple[str, str | None]] = []

    def ask(self, text: str, *, previous: str | None = None) -> Match:
        """Note and understand."""
        self.asked.append((text, previous))
        return self.real.ask(text, previous=previous)


class Fixed(Matcher):
    """A matcher that understands everything in one way."""

    def __init__(self, matcher: Matcher, match: Match) -> None:
        self.__dict__ |= matcher.__dict__
        self.match = match

    def ask(self, text: str, *, previous: str | None = None) -> Match:
        """Return the one match."""
        return self.match


def listen(world: World) -> Heard:
    """Let the world's bot write down what it asks its matcher."""
    heard = Heard(world.services.matcher)
    world.services.matcher = heard
    return heard


def fix(world: World, match: Match) -> None:
    """Let the world's bot understand everything as ``match``."""
    world.services.matcher = Fixed(world.services.matcher, match)


def close_call(pack: Pack) -> Match:
    """Return a match between three situations."""
    return Match(
        kind="ask",
        lang="nl",
        rules=(("2", 0.4), ("7a", 0.3), ("1", 0.2)),
        situation=pack.situations[0],
        verdict=None,
        confident=False,
        options=pack.situations[:3],
    )


def out_of_scope() -> Match:
    """Return a match that fits nothing."""
    return Match("oos", "nl", (), None, None, confident=False)
