"""Settings from the environment or ``.env``, each with the prefix ``VUISTREGEL_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsProblem

TELEGRAM = "https://api.telegram.org"
PREFIX = "VUISTREGEL_"


class Settings(BaseSettings):
    """All settings; secrets do not show in ``repr``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
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
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    alarm_url: SecretStr | None = None
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
        if isinstance(value, str):
            return tuple(int(part) for part in value.replace(" ", "").split(",") if part)
        return value

    @field_validator("api_url")
    @classmethod
    def origin_only(cls, value: str) -> str:
        """Drop a closing slash; the library appends ``/bot``."""
        if urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def fit_together(self) -> Settings:
        """Refuse combinations that would be unsafe."""
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("WEBHOOK_SECRET is required with WEBHOOK_URL")
        if self.demo_clock and self.api_url == TELEGRAM:
            raise ValueError("DEMO_CLOCK is for the playground only, never with Telegram")
        return self

    @property
    def listen(self) -> tuple[str, int] | None:
        """Host and port for webhook and ``/healthz``, or None."""
        value = self.http_listen or ("127.0.0.1:8080" if self.webhook_url else None)
        return host_and_port(value) if value else None


def host_and_port(value: str) -> tuple[str, int]:
    """Split ``host:port``; SettingsProblem when it is not that."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit():
        raise SettingsProblem(f"{value!r} is not host:port")
    return host, int(port)


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Raises SettingsProblem with one line that names the setting, never its value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsProblem(_one_line(error)) from None


def need(value: SecretStr | None, name: str) -> str:
    """Return a secret that this command cannot do without; SettingsProblem when it is missing."""
    if value is None or not value.get_secret_value():
        raise SettingsProblem(f"{PREFIX}{name} is not set")
    return value.get_secret_value()


def _one_line(error: ValidationError) -> str:
    parts = []
    for problem in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        parts.append(f"{PREFIX}{name}: {message}" if name else message)
    return "; ".join(parts)
