"""The sample school of the playground: classes, staff with access, pupils who joined.

Who they are is data in ``school/``: ``roster.csv`` is a file as a school would import it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy.orm import Session

from bot.demo.state import Person, State
from bot.posters import class_link, staff_link
from storage import access, classes, people, roster, roster_file, staff
from storage.database import Database

CODE_VALID: Final = timedelta(days=365)
PERSON_FIELDS: Final = ("key", "id", "first_name", "last_name", "role", "role_en", "language")
Entry = dict[str, Any]


def entries() -> list[Entry]:
    """Return who is in ``school/people.yaml``, as it stands there."""
    source = resources.files("bot.demo").joinpath("school/people.yaml")
    found: list[Entry] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return found


def sample_people() -> list[Person]:
    """Return the people with a telephone; those first are on the page first."""
    return [Person(**{n: e[n] for n in PERSON_FIELDS if n in e}) for e in entries()]


def calendar(pack: Path) -> dict[str, Any]:
    """Return the time zone and holidays of a pack, as far as its file can be read.

    What is wrong with it the bot itself says at its start.
    """
    usual = State().school
    try:
        school = yaml.safe_load((pack / "school.yaml").read_text(encoding="utf-8"))
        days = [{"first": str(each["first"])} for each in school.get("holidays", [])]
        return {"zone": school.get("timezone", usual["zone"]), "holidays": days}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return usual


def admin_id() -> int:
    """Return the Telegram id of the administrator."""
    return int(next(entry["id"] for entry in entries() if entry["key"] == "admin"))


async def load_sample(db: Database, state: State, now: datetime) -> bool:
    """Load the school into ``db``, unless it holds a school already; return whether it did.

    Who has a part in it counts as having started the bot. ``state.links`` gets the links of the
    class posters and of staff who did not open theirs yet.
    """
    if await db.run(_is_empty):
        state.links = await db.run(_load, state.username, now)
        loaded = True
    else:
        loaded = False
    for entry in entries():
        if {"class", "code"} & entry.keys() and "waits" not in entry:
            state.person(entry["key"]).started = True
    state.bell.ring()
    return loaded


def _is_empty(session: Session) -> bool:
    return not classes.active(session)


def _load(session: Session, username: str, now: datetime) -> list[dict[str, str]]:
    source = resources.files("bot.demo").joinpath("school/roster.csv").read_bytes()
    roster.apply(session, roster_file.read(source), now)
    session.flush()
    links = []
    for entry in entries():
        if "waits" in entry:
            link = staff_link(username, access.invite(session, _staff_id(session, entry), now))
            links.append({"label": f"{entry['first_name']} {entry['last_name']}", "url": link})
        elif "code" in entry:
            _give_access(session, entry, now)
    for entry in entries():  # after the staff: a mentor confirms pupils
        if "class" in entry:
            _join(session, entry, now)
    return [*_posters(session, username, now), *links]


def _staff_id(session: Session, entry: Entry) -> str:
    member = staff.by_code(session, entry["code"])
    if member is None:
        raise LookupError(f"{entry['code']} is not in the sample roster")
    return member.id


def _give_access(session: Session, entry: Entry, now: datetime) -> None:
    """Let a member of staff open the personal link and the administrator say yes."""
    staff_id = _staff_id(session, entry)
    code = access.invite(session, staff_id, now)
    session.flush()
    access.open_invite(session, code, entry["id"], now)
    people.ensure(session, entry["id"], now, entry.get("language", "nl"))
    session.flush()
    access.confirm(session, staff_id, now)


def _join(session: Session, entry: Entry, now: datetime) -> None:
    found = classes.by_label(session, entry["class"])
    if found is None:
        raise LookupError(f"{entry['class']} is not in the sample roster")
    name = f"{entry['first_name']} {entry['last_name']}"
    people.ensure(session, entry["id"], now, entry.get("language", "nl"))
    joined = people.join_class(session, entry["id"], found.id, name, now)
    session.flush()
    if entry.get("confirmed") and joined.person.code:
        mentors = [m for m in staff.of_class(session, found.id) if m.holds("mentor", found.id)]
        classes.confirm_pupil(session, mentors[0].id, found.id, joined.person.code, now)


def _posters(session: Session, username: str, now: datetime) -> list[dict[str, str]]:
    """Return the links behind the QR codes of the class posters."""
    found = []
    for each in classes.active(session):
        code = classes.new_code(session, each.id, now + CODE_VALID, now, renew=True)
        found.append({"label": each.label, "url": class_link(username, code)})
    return found
