"""Settings from environment and .env: one line on what is wrong, and never a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsProblem
from bot.settings import host_and_port, load_settings, need

CANARY = "canary-secret"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside, in an empty folder."""
    import os

    for name in [name for name in os.environ if name.startswith("VUISTREGEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    """Without anything set: Telegram, a file beside us, polling, nothing listening."""
    found = load_settings()
    assert found.api_url == "https://api.telegram.org"
    assert found.database_url.get_secret_value() == "sqlite:///vuistregel.db"
    assert (found.listen, found.admin_ids, found.log_level) == (None, (), "INFO")


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``.env`` is read, the environment goes before it, unknown and empty names do not matter."""
    lines = ["VUISTREGEL_TOKEN=file", "VUISTREGEL_LOG_LEVEL=ERROR", "VUISTREGEL_X=1", "OTHER=2"]
    (tmp_path / ".env").write_text("\n".join(lines))
    monkeypatch.setenv("VUISTREGEL_TOKEN", "environment")
    monkeypatch.setenv("VUISTREGEL_WEBHOOK_URL", "")
    found = load_settings()
    assert need(found.token, "TOKEN") == "environment"
    assert found.log_level == "ERROR"
    assert found.webhook_url is None


@pytest.mark.parametrize(("given", "ids"), [("7", (7,)), ("7, 8,", (7, 8)), ("", ())])
def test_admin_ids(monkeypatch: pytest.MonkeyPatch, given: str, ids: tuple[int, ...]) -> None:
    """One id, several with commas, or none."""
    monkeypatch.setenv("VUISTREGEL_ADMIN_IDS", given)
    assert load_settings().admin_ids == ids


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ADMIN_IDS", f"7,{CANARY}", "VUISTREGEL_ADMIN_IDS"),
        ("LOG_LEVEL", CANARY, "VUISTREGEL_LOG_LEVEL"),
        ("LOG_FORMAT", CANARY, "VUISTREGEL_LOG_FORMAT"),
        ("API_URL", CANARY, "VUISTREGEL_API_URL"),
        ("ALARM_URL", CANARY, "VUISTREGEL_ALARM_URL"),
        ("ALARM_URL", f"https://a {CANARY}", "VUISTREGEL_ALARM_URL"),
        ("WEBHOOK_URL", "https://school.nl", "WEBHOOK_SECRET"),
        ("DEMO_CLOCK", "clock", "DEMO_CLOCK"),
    ],
)
def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """The line names the setting and does not repeat what was in it."""
    monkeypatch.setenv(f"VUISTREGEL_{name}", value)
    with pytest.raises(SettingsProblem) as problem:
        load_settings()
    line = str(problem.value)
    assert words in line
    assert "\n" not in line
    assert CANARY not in line


@pytest.mark.parametrize("secret", ["short word", "ë", CANARY * 30])
def test_a_secret_that_telegram_would_refuse(secret: str) -> None:
    """The webhook's secret has the signs and the length that Telegram takes."""
    with pytest.raises(SettingsProblem) as problem:
        load_settings(webhook_url="https://school.nl", webhook_secret=secret)
    assert secret not in str(problem.value)


def test_webhook_listens_on_its_own_address() -> None:
    """With a webhook it listens on port 8080 of this machine, unless told otherwise."""
    webhook: dict[str, Any] = {"webhook_url": "https://school.nl", "webhook_secret": "s-1_A"}
    assert load_settings(**webhook).listen == ("127.0.0.1", 8080)
    assert load_settings(**webhook, http_listen="0.0.0.0:9000").listen == ("0.0.0.0", 9000)


@pytest.mark.parametrize("url", ["https://api.telegram.org/", "HTTPS://API.TELEGRAM.ORG"])
def test_a_movable_clock_is_for_the_playground(url: str) -> None:
    """However Telegram's address is spelled, a movable clock is refused with it."""
    with pytest.raises(SettingsProblem):
        load_settings(demo_clock="clock", api_url=url)
    assert load_settings(demo_clock="clock", api_url="http://127.0.0.1:1/").api_url[-1] == "1"


@pytest.mark.parametrize("value", ["8080", "host:", ":80", "host:x", "host:99999", ""])
def test_an_address_that_is_none(value: str) -> None:
    """An address without host or port is a problem of the settings."""
    with pytest.raises(SettingsProblem):
        host_and_port(value)


def test_addresses() -> None:
    """Names, numbers and IPv6 addresses in brackets are taken apart."""
    assert host_and_port("localhost:80") == ("localhost", 80)
    assert host_and_port("[::1]:8080") == ("::1", 8080)


def test_secrets_do_not_show() -> None:
    """Token, keys, passwords and alarm address are not in ``repr``."""
    names = ("token", "secret_key", "webhook_secret")
    addresses = {
        "database_url": f"postgresql://me:{CANARY}@host/name",
        "alarm_url": f"https://host/{CANARY}",
    }
    shown = repr(load_settings(**dict.fromkeys(names, CANARY), **addresses))
    assert CANARY not in shown


@pytest.mark.parametrize("given", [None, ""])
def test_a_missing_secret(given: str | None) -> None:
    """A command that cannot do without says which setting is missing."""
    with pytest.raises(SettingsProblem, match="VUISTREGEL_TOKEN is not set"):
        need(load_settings(token=given).token, "TOKEN")
