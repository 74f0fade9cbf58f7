"""Keys that are missing, wrong, half-way rotated or taken out too early: one line each."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

import pytest
from sqlalchemy.orm import Session

from storage import rekey
from storage.crypto import Vault, new_key
from tests.bot.cli.conftest import Cli
from tests.storage.rows import add_person, add_report

Run = Callable[..., Any]
OTHER: Final = base64.urlsafe_b64encode(b"k" * 32).decode()


def _words(session: Session) -> None:
    person = add_person(session, 5, "Noor de Vries")
    for number in range(1, 5):
        add_report(session, f"M-2026-000{number}", person)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (None, "VUISTREGEL_SECRET_KEY is not set"),
        ("", "SECRET_KEY"),
        ("geheim!", "key 1 in SECRET_KEY is not url-safe base64"),
        (base64.urlsafe_b64encode(b"kort").decode(), "has 4 bytes, not 32"),
        (f"{OTHER},", "key 2 in SECRET_KEY has 0 bytes"),
        (OTHER, "sealed with a key that is not set"),
    ],
)
@pytest.mark.parametrize("command", [("reports", "list"), ("keys", "rotate"), ("run",)])
def test_a_key_that_does_not_fit(
    school: Cli, command: tuple[str, ...], setting: str | None, words: str
) -> None:
    """It is one line that names the setting and never the key; exit code 2."""
    school.set(SECRET_KEY=setting, TOKEN="1:test")
    said = school.refused(*command, words=words)
    assert not setting or setting not in said


def test_a_rotation_that_was_cut_off(school: Cli, key: str, run: Run) -> None:
    """With only one of the keys the start is refused; the command finishes what is left."""
    run(_words)
    new = new_key()

    def half(session: Session) -> None:
        session.info["vault"] = Vault.from_setting(f"{new},{key}")
        for column in range(len(rekey.sealed_columns())):
            rekey.batch(session, rekey.Position(column), limit=2)

    run(half)
    for alone in (new, key):
        school.set(SECRET_KEY=alone)
        school.refused("reports", "list", words="sealed with a key that is not set")
    school.set(SECRET_KEY=f"{new},{key}")
    done = school("keys", "rotate")
    assert done.code == 0
    assert 0 < int(done.out.splitlines()[0].removeprefix("sealed anew: ")) < 11
    school.set(SECRET_KEY=new)
    assert school("reports", "list").code == 0


def test_a_bot_that_still_seals_with_the_old_key(
    school: Cli, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote meanwhile is counted; nobody is told that the old key can go."""
    batch, new = rekey.batch, new_key()

    def and_write(session: Session, position: rekey.Position) -> rekey.Batch:
        done = batch(session, position)
        if done.next is None:
            session.info["vault"] = Vault.from_setting(key)
            add_person(session, 6, "Sem Bakker")
        return done

    monkeypatch.setattr(rekey, "batch", and_write)
    school.set(SECRET_KEY=f"{new},{key}")
    done = school("keys", "rotate")
    assert done.code == 1
    assert "sealed with an old key meanwhile: 1\n" in done.err
    assert "may now be taken out" not in done.out
    monkeypatch.setattr(rekey, "batch", batch)
    assert school("keys", "rotate").out.startswith("sealed anew: 1\n")
