"""Settings from the environment or ``.env``, each with the prefix ``VUISTREGEL_``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsProblem

TELEGRAM: Final = "https://api.telegram.org"
PREFIX: Final = "VUISTREGEL_"
DATABASE: Final = re.compile(r"sqlite(\+\w+)?:///(?!:memory:).+|postgresql(\+\w+)?://.+", re.DOTALL)
WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")  # Bot API, setWebhook


class Settings(BaseSettings):
    """All settings; secrets do not show in ``repr``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8-sig",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    token: SecretStr | None = None
    api_url: str = TELEGRAM
    database_url: SecretStr = SecretStr("sqlite:///vuistregel.db")
    secret_key: SecretStr | None = None
    content: Path | None = None
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    http_listen: str | None = None
    metrics_listen: str | None = None
    sends_per_second: Annotated[int, Field(ge=2, le=100_000)] = 30
    """Telegram's limit for all messages together, over all replicas."""
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    alarm_url: SecretStr | None = None
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str | None = None
    smtp_to: str | None = None
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    demo_clock: Path | None = Field(default=None)
    """File with an offset in seconds: the playground's movable clock."""

    @field_validator("admin_ids", mode="before")
    @classmethod
    def split_ids(cls, value: object) -> object:
        """Accept "1,2" and a single number."""
        if isinstance(value, int):
            return (value,)
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError("must be numbers, separated by commas")
        return tuple(int(part) for part in parts)

    @field_validator("log_level", mode="before")
    @classmethod
    def any_case(cls, value: object) -> object:
        """Accept "info" as well."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("token")
    @classmethod
    def fits_in_address(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what could not be part of an address, such as a copied line end."""
        if value and not re.fullmatch(r"[!-~]+", value.get_secret_value()):
            raise ValueError("holds a space or another sign that no token has")
        if value and set(value.get_secret_value()) & set("/?#%\\"):
            raise ValueError("holds a sign that no token has")
        return value

    @field_validator("database_url")
    @classmethod
    def known_database(cls, value: SecretStr) -> SecretStr:
        """Accept a SQLite file or PostgreSQL, a named driver included."""
        url = value.get_secret_value()
        if not DATABASE.fullmatch(url) or not _readable(url):
            raise ValueError("must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
        return value

    @field_validator("api_url", "webhook_url")
    @classmethod
    def web_address(cls, value: str | None) -> str | None:
        """Drop a closing slash: the library, and we, append a path."""
        if value is None:
            return None
        if not _is_web(value):
            raise ValueError("must be an address with http:// or https://")
        return value.rstrip("/")

    @field_validator("alarm_url")
    @classmethod
    def secret_address(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what no alarm could be posted to."""
        url = value.get_secret_value() if value else ""
        if url and (not _is_web(url) or re.search(r"\s", url)):
            raise ValueError("must be an address with http:// or https://, without spaces")
        return value

    @field_validator("http_listen", "metrics_listen")
    @classmethod
    def place_to_listen(cls, value: str | None) -> str | None:
        """Refuse what is not host:port."""
        if value is not None and not _splits(value):
            raise ValueError("must be host:port, such as 127.0.0.1:8080")
        return value

    @model_validator(mode="after")
    def fit_together(self) -> Settings:
        """Refuse combinations that would be unsafe."""
        secret = self.webhook_secret.get_secret_value() if self.webhook_secret else ""
        if self.webhook_url and not secret:
            raise ValueError(f"{PREFIX}WEBHOOK_SECRET is required with {PREFIX}WEBHOOK_URL")
        if secret and not WEBHOOK_SECRET.fullmatch(secret):
            raise ValueError(f"{PREFIX}WEBHOOK_SECRET may hold letters, digits, _ and - only")
        if bool(self.smtp_host) != bool(self.smtp_to):
            raise ValueError(f"{PREFIX}SMTP_HOST and {PREFIX}SMTP_TO go together")
        if self.demo_clock and _is_telegram(self.api_url):
            raise ValueError(f"{PREFIX}DEMO_CLOCK is for the playground, never with Telegram")
        return self

    @property
    def listen(self) -> tuple[str, int] | None:
        """Host and port for webhook and ``/healthz``, or None."""
        value = self.http_listen or ("127.0.0.1:8080" if self.webhook_url else None)
        return host_and_port(value) if value else None

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file, or None with PostgreSQL."""
        url = self.database_url.get_secret_value()
        return Path(url.split(":///", maxsplit=1)[1]) if url.startswith("sqlite") else None


def host_and_port(value: str) -> tuple[str, int]:
    """Split ``host:port``; SettingsProblem when it is not that."""
    found = _splits(value)
    if found is None:
        raise SettingsProblem(f"{value!r} is not host:port")
    return found


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Raises SettingsProblem with one line that names the setting, never its value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsProblem(_one_line(error)) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsProblem(".env cannot be read as UTF-8 text") from None


def need(value: SecretStr | None, name: str, why: str = "") -> str:
    """Return a secret that this command cannot do without; SettingsProblem when it is missing."""
    if value is None or not value.get_secret_value():
        raise SettingsProblem(f"{PREFIX}{name} is not set{f': {why}' if why else ''}")
    return value.get_secret_value()


def _splits(value: str) -> tuple[str, int] | None:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        return None
    return host.removeprefix("[").removesuffix("]"), int(port)


def _readable(url: str) -> bool:
    try:
        return bool(urlsplit(url).port or True)
    except ValueError:  # a port that is no number, brackets that do not close
        return False


def _is_web(url: str) -> bool:
    return _readable(url) and bool(re.match(r"https?://[^/]", url))


def _is_telegram(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host == "telegram.org" or host.endswith(".telegram.org")


def _one_line(error: ValidationError) -> str:
    parts = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        name = ".".join(str(part) for part in problem["loc"][:1]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        parts.append(f"{PREFIX}{name}: {message}" if name else message)
    return "; ".join(parts)
