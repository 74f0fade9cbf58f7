"""What travels in the wheel: the pack, the migrations and the playground's files."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from bot.web import WEBHOOK_PATH

ROOT = Path(__file__).parents[3]
LISTEN = "VUISTREGEL_HTTP_LISTEN"
DATA = {
    "content": [
        "py.typed",
        "general.yaml",
        "starter/*.yaml",
        "ecl/school.yaml",
        "ecl/rules/*.yaml",
        "ecl/texts/*.yaml",
    ],
    "storage": ["py.typed", "migrations/env.py", "migrations/versions/m0001_*.py"],
    "bot": [
        "py.typed",
        "cli/assistant.yaml",
        "demo/api.json",
        "demo/web/*.html",
        "demo/web/*/*",
        "demo/school/*",
        "fonts/*",
    ],
}
SUFFIXES = {
    ".py",
    ".yaml",
    ".json",
    ".js",
    ".css",
    ".html",
    ".svg",
    ".csv",
    ".typed",
    ".txt",
    ".ttf",
}
"""Every kind of file in the packages: another one needs a look at what is packed."""


def packed() -> list[Path]:
    """Return what hatchling packs: every file of the packages that git does not ignore."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ignored = [
        line.rstrip("/")
        for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    packages = told["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    found = [path for name in packages for path in (ROOT / name).rglob("*") if path.is_file()]
    return [
        path.relative_to(ROOT)
        for path in found
        if not any(
            fnmatch.fnmatch(part, rule) for part in path.relative_to(ROOT).parts for rule in ignored
        )
    ]


@pytest.mark.parametrize("package", DATA)
def test_data_travels(package: str) -> None:
    """Each kind of data is packed, and is found where the program looks for it."""
    names = [path.relative_to(package).as_posix() for path in packed() if path.parts[0] == package]
    for pattern in DATA[package]:
        assert fnmatch.filter(names, pattern), pattern
        for name in fnmatch.filter(names, pattern):
            assert files(package).joinpath(name).is_file()


def test_nothing_else_travels() -> None:
    """No database, key, log or picture is packed by chance."""
    assert {path.suffix for path in packed()} <= SUFFIXES


def test_all_packages_are_named() -> None:
    """The folders with code are the packages that are packed, each of them typed."""
    top = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert {path.parts[0] for path in packed()} == top == set(DATA)


def test_image_has_what_the_build_needs() -> None:
    """The Dockerfile copies what pyproject names, and .dockerignore keeps none of it out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = " ".join(re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)).split()
    locks = ("requirements.lock", "requirements-build.lock")
    for name in ("pyproject.toml", "README.md", "LICENSE", *locks, *DATA):
        assert name in copied
        assert (ROOT / name).exists()
    kept_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not set(copied) & set(kept_out)
    assert ".env" in kept_out


def test_nothing_is_fetched_without_a_hash() -> None:
    """Makefile and Dockerfile install what is locked, the build backend included."""
    backend = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    locked = (ROOT / "requirements-build.lock").read_text(encoding="utf-8")
    for wanted in backend["requires"]:
        assert re.search(rf"^{re.split('[<>=]', wanted)[0]}==", locked, re.MULTILINE)
    for name in ("Makefile", "Dockerfile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for line in re.findall(r"pip (?:install|wheel) .*", text):
            hashed = "--require-hashes" in line
            assert hashed or (
                "--no-deps" in line and ("-isolation" in line or "--no-index" in line)
            )


def test_deployment_examples() -> None:
    """The compose file has PostgreSQL, an upgrade that runs once, and two replicas behind it."""
    told = yaml.safe_load((ROOT / "docs/deploy/compose.yaml").read_text(encoding="utf-8"))
    services = told["services"]
    assert services["upgrade"]["command"] == ["db", "upgrade"]
    assert services["bot"]["deploy"]["replicas"] == 2
    after = services["bot"]["depends_on"]["upgrade"]["condition"]
    assert after == "service_completed_successfully"
    assert services["bot"]["read_only"] is services["upgrade"]["read_only"] is True
    assert services["bot"]["secrets"] == [{"source": "settings", "target": "/data/.env"}]
    assert not any("environment" in key for key in told["secrets"]["settings"])
    proxy = (ROOT / "docs/deploy/Caddyfile").read_text(encoding="utf-8")
    assert f"handle {WEBHOOK_PATH} {{" in proxy
    assert f"reverse_proxy bot:{services['bot']['environment'][LISTEN].rpartition(':')[2]}" in proxy
    unit = (ROOT / "docs/deploy/vuistregel.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/vuistregel/.venv/bin/vuistregel run" in unit
