"""Settings: what is accepted, what is refused, and that no value of a secret ever shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsProblem
from bot.settings import Settings, load_settings
from tests.bot.cli.conftest import Cli

CANARY = "canary"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"WEBHOOK_URL": "https://x.example"}, "VUISTREGEL_WEBHOOK_SECRET is required"),
        ({"WEBHOOK_URL": "x.example", "WEBHOOK_SECRET": "s"}, "VUISTREGEL_WEBHOOK_URL: must be"),
        ({"WEBHOOK_SECRET": f"{CANARY} !"}, "VUISTREGEL_WEBHOOK_SECRET may hold"),
        ({"DEMO_CLOCK": "clock"}, "never with Telegram"),
        ({"DEMO_CLOCK": "clock", "API_URL": "https://API.telegram.org:443/"}, "never with"),
        ({"DEMO_CLOCK": "clock", "API_URL": "http://api.telegram.org."}, "never with Telegram"),
        ({"API_URL": "api.telegram.org"}, "VUISTREGEL_API_URL: must be an address"),
        ({"API_URL": "http://x:port"}, "VUISTREGEL_API_URL: must be an address"),
        ({"DATABASE_URL": f"mysql://u:{CANARY}@h/d"}, "VUISTREGEL_DATABASE_URL: must be"),
        ({"DATABASE_URL": f"postgresql://u:{CANARY}@h:port/d"}, "VUISTREGEL_DATABASE_URL: must"),
        ({"DATABASE_URL": "sqlite://"}, "VUISTREGEL_DATABASE_URL: must be"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "VUISTREGEL_DATABASE_URL: must be"),
        ({"ADMIN_IDS": "1,me"}, "VUISTREGEL_ADMIN_IDS: must be numbers"),
        ({"HTTP_LISTEN": "8080"}, "VUISTREGEL_HTTP_LISTEN: must be host:port"),
        ({"METRICS_LISTEN": "localhost:99999"}, "VUISTREGEL_METRICS_LISTEN: must be host:port"),
        ({"LOG_LEVEL": "LOUD"}, "VUISTREGEL_LOG_LEVEL"),
        ({"LOG_FORMAT": "xml"}, "VUISTREGEL_LOG_FORMAT"),
        ({"SMTP_HOST": "mail.example"}, "VUISTREGEL_SMTP_TO go together"),
        ({"SMTP_PORT": "many"}, "VUISTREGEL_SMTP_PORT"),
        ({"TOKEN": f"1:{CANARY} x"}, "VUISTREGEL_TOKEN: holds"),
        ({"TOKEN": f"1:{CANARY}\n"}, "VUISTREGEL_TOKEN: holds"),
        ({"TOKEN": f"1:{CANARY}/../x"}, "VUISTREGEL_TOKEN: holds"),
    ],
)
def test_refused(call: Cli, settings: dict[str, str], words: str) -> None:
    """A wrong setting is one line that names it, without its value where it is a secret."""
    call.set(**settings)
    assert CANARY not in call.refused("run", words=words)


def test_accepted(call: Cli) -> None:
    """What people write is understood: spaces, one id, small letters, a closing slash."""
    call.set(ADMIN_IDS=" 12, 34,", LOG_LEVEL="debug", API_URL="http://127.0.0.1:8081/")
    call.set(DATABASE_URL="postgresql+psycopg://u:p@h:5432/d", HTTP_LISTEN="[::1]:8080")
    found = load_settings()
    assert (found.admin_ids, found.log_level) == ((12, 34), "DEBUG")
    assert (found.api_url, found.listen) == ("http://127.0.0.1:8081", ("::1", 8080))
    call.set(ADMIN_IDS="7")
    assert load_settings().admin_ids == (7,)


def test_env_file(call: Cli) -> None:
    """``.env`` is read, with a BOM and quotes as editors leave them; the environment wins."""
    lines = "VUISTREGEL_TOKEN='1:file'\n# words\nVUISTREGEL_LOG_LEVEL=ERROR\nOTHER=1\n"
    Path(".env").write_text(lines, encoding="utf-8-sig")
    call.set(LOG_LEVEL="WARNING")
    found = load_settings()
    assert found.token is not None
    assert (found.token.get_secret_value(), found.log_level) == ("1:file", "WARNING")


def test_env_file_that_cannot_be_read(call: Cli) -> None:
    """A ``.env`` in another encoding is one line."""
    Path(".env").write_bytes(b"VUISTREGEL_TOKEN=caf\xe9\n")
    call.refused("run", words=".env cannot be read")


def test_secrets_do_not_show(call: Cli) -> None:
    """Neither the settings nor an error about them show a secret."""
    call.set(TOKEN=f"1:{CANARY}", SECRET_KEY=CANARY, DATABASE_URL=f"postgresql://u:{CANARY}@h/d")
    call.set(WEBHOOK_SECRET=CANARY, ALARM_URL=f"https://{CANARY}")
    assert CANARY not in repr(load_settings()) + str(load_settings().model_dump())
    with pytest.raises(SettingsProblem) as refused:
        load_settings(log_level=CANARY.upper())
    assert CANARY not in str(refused.value).lower()


def test_defaults(call: Cli) -> None:
    """Without any setting: polling at Telegram, a SQLite file here, nothing listens."""
    found: Settings = load_settings()
    assert found.database_url.get_secret_value() == "sqlite:///vuistregel.db"
    assert (found.api_url, found.listen, found.admin_ids) == ("https://api.telegram.org", None, ())
    call.set(WEBHOOK_URL="https://x.example/", WEBHOOK_SECRET="s")
    assert load_settings().listen == ("127.0.0.1", 8080)
