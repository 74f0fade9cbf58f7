"""``setup``: from an empty folder to a bot that can run; repeated, it asks only what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli import assistant
from bot.demo.actions import start as press_start
from bot.demo.sample import sample_people
from bot.demo.state import State
from bot.envfile import merged, update
from bot.errors import SettingsProblem
from bot.settings import load_settings
from content.pack import Pack
from storage.crypto import new_key
from tests.bot.cli.conftest import ROSTER, Cli

ENV = Path(".env")
HARBOUR = Path(__file__).parents[2] / "data" / "harbour"


@pytest.fixture
def empty(call: Cli, telegram: State, migrated_file: Path, tmp_path: Path) -> Cli:
    """An empty folder with a token in a file, and the classes in another."""
    call.set(TOKEN=None)
    (tmp_path / "token.txt").write_text(f"{telegram.token}\n", encoding="utf-8")
    (tmp_path / "k.csv").write_text(ROSTER, encoding="utf-8")
    shutil.copy(migrated_file, tmp_path / "vuistregel.db")  # making the tables takes a second
    return call


@pytest.fixture
def typed(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Call ``setup`` in a terminal, in which these lines are typed."""
    monkeypatch.setattr(assistant, "in_terminal", lambda: True)
    monkeypatch.setattr(assistant.Assistant, "secret", lambda self, key: self.ask(key))

    def run(*lines: str, more: tuple[str, ...] = ()) -> Any:
        return empty("setup", *more, stdin="".join(f"{line}\n" for line in lines).encode())

    return run


def test_without_a_terminal(empty: Cli, telegram: State) -> None:
    """Options are enough; the token shows nowhere, and only the owner can read what is written."""
    done = empty(
        *("setup", "--token-file", "token.txt", "--admin", "7", "--classes", "k.csv", "--yes"),
        *("--link", "VOS"),
    )
    assert (done.code, done.err) == (0, "")
    assert telegram.token not in done.out
    assert f"Token: @{telegram.username}" in done.out
    assert "2 klassen, 6 medewerkers" in done.out
    assert f"https://t.me/{telegram.username}?start=s-" in done.out
    assert ENV.stat().st_mode & 0o777 == 0o600
    settings = load_settings()
    assert settings.admin_ids == (7,)
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() not in done.out
    assert empty("reports", "list").code == 0


def test_repeated_it_changes_nothing(empty: Cli) -> None:
    """A second time what stands is shown, nothing is asked, and the key is the same."""
    args = ("setup", "--token-file", "token.txt", "--admin", "7", "--classes", "k.csv", "--yes")
    assert empty(*args).code == 0
    before = ENV.read_bytes()
    again = empty("setup")
    assert (again.code, again.err) == (0, "")
    assert "ok   Sleutel: staat al" in again.out
    assert "2 klassen" in again.out
    assert ENV.read_bytes() == before
    assert empty("setup", "--lang", "en", "--content", str(HARBOUR)).code == 0
    assert load_settings().content == HARBOUR.resolve()
    assert ENV.read_bytes().startswith(before.rstrip(b"\n"))


def test_asked_in_a_terminal(typed: Callable[..., Any], telegram: State) -> None:
    """Questions lead through it: a wrong token is asked again, who pressed Start is found."""
    for person in sample_people():
        telegram.add_person(person)
    press_start(telegram, telegram.person("admin"), {})
    done = typed("geen token", "77:wrong", telegram.token, "", "", "j", "k.csv", "j", "vos")
    assert done.code == 0, done
    assert "Telegram kent dit token niet" in done.err
    assert "Dit is geen token" in done.err
    assert telegram.token not in done.out + done.err
    assert load_settings().admin_ids == (telegram.person("admin").id,)
    assert "H3b: mentor Marit Vos (VOS), deputy Aylin Demir (DEM)" in done.out
    assert "Marit Vos: https://t.me/" in done.out


def test_what_is_asked_for_is_asked_again(typed: Callable[..., Any], telegram: State) -> None:
    """With --again a thing that stands is asked for; what stands before is not."""
    assert typed(telegram.token, "", "900", "").code == 0
    assert load_settings().admin_ids == (900,)
    assert typed("901", "", more=("--again", "admin")).code == 0
    assert load_settings().admin_ids == (901,)
    assert typed(more=("--again", "coffee")).code == 2


def test_an_example_to_fill_in(typed: Callable[..., Any], telegram: State) -> None:
    """Who has no file gets one to fill in, which is a right one."""
    done = typed(telegram.token, "", "900", "voorbeeld")
    assert "klassen.csv geschreven" in done.out
    done = typed("klassen.csv", "j", "")
    assert "2 klassen, 7 medewerkers" in done.out


def test_without_yes_nothing_is_imported(empty: Cli) -> None:
    """Without a terminal and without --yes the import is only shown."""
    done = empty("setup", "--token-file", "token.txt", "--classes", "k.csv")
    assert done.code == 0
    assert "geef --yes" in done.out
    assert "todo Klassen: nog geen" in done.out


def test_bad_classes(empty: Cli) -> None:
    """Each bad line is named, in Dutch; the settings stand, so that only the file needs mending."""
    Path("k.csv").write_text("klas;mentor;mentor_code\nH3b;Marit Vos;\n;X;Y\n", encoding="utf-8")
    done = empty("setup", "--token-file", "token.txt", "--classes", "k.csv", "--yes")
    assert done.code == 1
    assert [line.split(":")[0] for line in done.err.splitlines()][:1] == ["regel 2"]
    assert "regel 3" in done.err
    assert load_settings().secret_key is not None


def test_refusals(empty: Cli, telegram: State, pack: Pack) -> None:
    """What is missing or wrong is one line, exit code 2, and nothing is written."""
    hello = "Vuistregel inrichten"
    Path("wrong.txt").write_text("77:wrong", encoding="utf-8")
    for args, words in (
        ((), "give --token-file"),
        (("--token-file", "wrong.txt"), "kent dit token niet"),
        (("--token-file", "nowhere.txt"), "nowhere.txt"),
        (("--token-file", "token.txt", "--content", "nowhere"), "content pack"),
        (("--token-file", "token.txt", "--database", "mysql://x"), "DATABASE_URL"),
    ):
        done = empty("setup", *args)
        assert done.code == 2, args
        assert done.err.count("\n") == 1
        assert words in done.err
        assert done.out.startswith(hello)
        assert not ENV.exists()
    empty.set(API_URL="http://127.0.0.1:9")
    assert "niet te bereiken" in empty("setup", "--token-file", "token.txt").err


def test_a_database_of_another_key(empty: Cli, school_file: Path, tmp_path: Path) -> None:
    """Where the data there needs another key, no new key is written that could hide it."""
    shutil.copy(school_file, tmp_path / "vuistregel.db")
    done = empty("setup", "--token-file", "token.txt")
    assert done.code == 2
    assert "sealed with a key that is not set" in done.err
    assert not ENV.exists()


def test_the_environment_is_not_overruled_in_vain(empty: Cli, telegram: State) -> None:
    """A setting in the environment would win over the file: that is said."""
    empty.set(TOKEN=telegram.token, SECRET_KEY=new_key())
    assert empty("setup").code == 0
    assert not ENV.exists()
    done = empty("setup", "--token-file", "token.txt")
    assert "TOKEN stands in the environment" in done.err


def test_the_file_keeps_what_it_does_not_know() -> None:
    """Comments, other names and order stay; a name that stood twice stands once."""
    text = "# ours\nOTHER='a b'\nexport vuistregel_token=old\nX=1\nVUISTREGEL_TOKEN=older"
    found = merged(text, {"TOKEN": "1:new", "CONTENT": "/a b/it's"})
    assert found == (
        "# ours\nOTHER='a b'\nVUISTREGEL_TOKEN=1:new\nX=1\nVUISTREGEL_CONTENT='/a b/it\\'s'\n"
    )
    with pytest.raises(SettingsProblem, match="line end"):
        merged("", {"TOKEN": "a\nb"})


def test_the_file_is_replaced_whole(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure half-way leaves the old file and no other; a link stays a link."""
    Path("real").write_text("A=1\n", encoding="utf-8")
    ENV.symlink_to("real")
    update(ENV, {"CONTENT": "/a b/it's #1 \\n"})
    assert ENV.is_symlink()
    assert load_settings().content == Path("/a b/it's #1 \\n")
    before = ENV.read_bytes()

    def broken(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(SettingsProblem, match="No space left"):
        update(ENV, {"TOKEN": "1:x"})
    assert ENV.read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == [".env", "real"]
