"""A school of any size, put into a database as a year would have left it, for ``growth``.

Rows go in with COPY or executemany while indexes and the checks of references are off; names and
words are really sealed. Per person there is the same in a small and in a large school, so that
only what grows with the whole can make it slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from storage.crypto import Vault
from storage.tables import with_conditions
from tests.prove.growth_school import (
    DAYS,
    PER_CLASS,
    PUPIL,
    Size,
    account_of,
    class_of,
    ident,
    is_open,
    made_at,
    posts,
    staff_of,
)
from tests.storage.rows import WHEN

WORDS: Final = (
    "iemand uit mijn klas heeft een foto van mij rondgestuurd en ik vind dat niet fijn " * 2
)
Rows = Iterator[tuple[Any, ...]]


def _classes(size: Size, vault: Vault) -> Rows:
    for number in range(size.classes):
        yield ident("class", number), f"K{number}", f"k{number}"


def _staff(size: Size, vault: Vault) -> Rows:
    for role, number in dict.fromkeys((role, number) for role, number, _ in posts(size)):
        row_id = staff_of(role, number)
        name = vault.seal(f"Naam {role} {number}", f"staff.name_sealed:{row_id}")
        account = account_of(size, role, number)
        yield row_id, f"{role[:3].upper()}{number}", name, account, WHEN.replace(tzinfo=None)


def _post_rows(size: Size, vault: Vault) -> Rows:
    for place, (role, number, of_class) in enumerate(posts(size)):
        class_id = None if of_class is None else ident("class", of_class)
        yield ident("post", place), class_id, staff_of(role, number), role, 0


def _people(size: Size, vault: Vault) -> Rows:
    long_ago = (WHEN - timedelta(days=DAYS)).replace(tzinfo=None)
    for number in range(size.people):
        row_id = ident("person", number)
        name = vault.seal(f"Leerling {number}", f"people.name_sealed:{row_id}")
        class_id = ident("class", number // PER_CLASS)
        code = f"{number % PER_CLASS:04d}"
        yield row_id, PUPIL + number, "nl", name, class_id, code, long_ago, long_ago, long_ago


def _reports(size: Size, vault: Vault) -> Rows:
    notice = (WHEN - timedelta(days=8)).replace(tzinfo=None)
    for number in range(size.reports):
        row_id, at, waits = ident("report", number), made_at(size, number), is_open(number)
        class_number = class_of(size, number)
        yield (
            row_id,
            f"M-2025-{number:07d}",
            ident("person", number % size.people),
            ident("class", class_number),
            str(number % 10 + 1),
            vault.seal(WORDS, f"reports.what_sealed:{row_id}"),
            "read" if waits else "closed",
            None if waits else staff_of("mentor", class_number),
            at,
            at + timedelta(days=1),
            at + timedelta(hours=1),
            None if waits else at + timedelta(days=1),
            (WHEN + timedelta(days=1)).replace(tzinfo=None) if waits else None,
            notice if number % 2 and not waits and number < size.reports // 20 else None,
            "rule",
            False,
            False,
            "class",
            0,
        )


def _events(size: Size, vault: Vault) -> Rows:
    for number in range(size.reports):
        at = made_at(size, number)
        yield f"000000{ident('event', number)[6:]}", ident("report", number), "sent", "pupil", at


def _recipients(size: Size, vault: Vault) -> Rows:
    for number in range(size.reports):
        at, report_id = made_at(size, number), ident("report", number)
        mentor = staff_of("mentor", class_of(size, number))
        over = None if is_open(number) else True
        yield ident("recipient", number), report_id, mentor, "mentor", at, at, at, over
        if number % 100 == 1 or number % (size.reports // 10) == 0:
            # a colleague with a long history, and ten that are open
            other = staff_of("confidential", 0)
            yield ident("second", number), report_id, other, "confidential", at, at, at, over


def _accused(size: Size, vault: Vault) -> Rows:
    for number in range(2, size.reports, 100):
        yield ident("report", number), staff_of("deputy", class_of(size, number))


def _drafts(size: Size, vault: Vault) -> Rows:
    for number in range(size.people // 20):
        account = PUPIL + number * 20 + 19
        sealed = vault.seal("{}", f"drafts.data_sealed:{account}")
        yield account, "report", "what", sealed, 1, WHEN.replace(tzinfo=None)


def _kept(size: Size, vault: Vault) -> Rows:
    for number in range(size.people // 20):
        row_id = ident("kept", number)
        sealed = vault.seal(WORDS[:60], f"kept_questions.text_sealed:{row_id}")
        yield row_id, sealed, "nl", WHEN.replace(tzinfo=None)


def _messages(size: Size, vault: Vault) -> Rows:
    for number in range(0, size.reports, 10):
        row_id, at = ident("message", number), made_at(size, number)
        body = vault.seal(WORDS[:80], f"messages.body_sealed:{row_id}")
        yield row_id, ident("report", number), staff_of("mentor", class_of(size, number)), body, at


def _outbox(size: Size, vault: Vault) -> Rows:
    waiting = size.people // 5
    for number in range(size.reports + waiting):
        done = number < size.reports
        at = made_at(size, number) if done else WHEN.replace(tzinfo=None) - timedelta(minutes=5)
        class_number = class_of(size, number)
        mentor = account_of(size, "mentor", class_number)
        yield (
            ident("order", number),
            number + 1,
            mentor if done else PUPIL + number - size.reports,
            "notice" if done else "outage",
            ident("report", number) if done else None,
            ident("message", number) if done and number % 10 == 0 else None,
            staff_of("mentor", class_number) if done else None,
            False,
            at,
            at,
            int(done),
            0,
            at if done else None,
            "sent" if done else None,
        )


def _cards(size: Size, vault: Vault) -> Rows:
    for number in range(size.reports):
        at, class_number = made_at(size, number), class_of(size, number)
        yield (
            ident("card", number),
            ident("report", number),
            account_of(size, "mentor", class_number),
            number,
            "card",
            staff_of("mentor", class_number),
            ident("message", number) if number % 10 == 0 else None,
            None if is_open(number) else at + timedelta(days=1),
            at,
        )


def _claims(size: Size, vault: Vault) -> Rows:
    for number in range(size.reports // 10):
        yield 10**9 + number, made_at(size, number * 10)


def _rounds(size: Size, vault: Vault) -> Rows:
    for number in range(size.people):
        at = made_at(size, number * (size.reports // size.people))
        yield ident("round", number), ident("person", number), '["q1", "q2"]', at, at


def _polls(size: Size, vault: Vault) -> Rows:
    for number in range(size.people):
        at = made_at(size, number * (size.reports // size.people))
        for position in range(2):
            poll = f"{number}-{position}"
            row = (ident("round", number), position, "q1", PUPIL + number, position, 0, at, at)
            yield poll, *row, True


def _counters(size: Size, vault: Vault) -> Rows:
    yield "outbox", 2 * size.reports
    yield "inbox", 1


Source = Callable[[Size, Vault], Rows]
TABLES: Final[dict[str, tuple[str, Source]]] = {
    "classes": ("id label label_key", _classes),
    "staff": ("id code name_sealed telegram_id confirmed_at", _staff),
    "posts": ("id class_id staff_id role rank", _post_rows),
    "people": (
        "id telegram_id lang name_sealed class_id code confirmed_at created_at seen_at",
        _people,
    ),
    "reports": (
        "id number person_id class_id rule what_sealed state owner_id created_at touched_at"
        " read_at closed_at due_at retention_notice_at steps urgent over_limit route escalations",
        _reports,
    ),
    "events": ("id report_id what actor at", _events),
    "recipients": (
        "id report_id staff_id role added_at delivered_at read_at is_over",
        _recipients,
    ),
    "accused": ("report_id staff_id", _accused),
    "drafts": ("telegram_id kind step data_sealed version updated_at", _drafts),
    "kept_questions": ("id text_sealed lang at", _kept),
    "messages": ("id report_id from_staff_id body_sealed at", _messages),
    "outbox": (
        "id seq chat_id kind report_id message_id staff_id urgent created_at due_at attempts"
        " unsure done_at outcome",
        _outbox,
    ),
    "cards": (
        "id report_id chat_id telegram_message_id kind staff_id message_id buried_at at",
        _cards,
    ),
    "claims": ("update_id at", _claims),
    "quiz_rounds": ("id person_id items started_at ended_at", _rounds),
    "quiz_polls": (
        "poll_id round_id position item chat_id telegram_message_id right_option sent_at"
        ' answered_at "right"',
        _polls,
    ),
    "counters": ("name value", _counters),
}


def fill(engine: Engine, size: Size, vault: Vault) -> None:
    """Fill an empty, migrated database."""
    put = _copy if engine.dialect.name == "postgresql" else _insert
    with engine.begin() as connection, _without_indexes(connection):
        for name, (columns, source) in TABLES.items():
            put(connection, name, columns.split(), source(size, vault))
    if engine.dialect.name == "postgresql":  # what autovacuum does sooner or later
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    metadata = with_conditions(connection.dialect.name)
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _copy(connection: Connection, name: str, columns: list[str], rows: Iterable[Any]) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: Connection, name: str, columns: list[str], rows: Iterable[Any]) -> None:
    cursor: Any = connection.connection.cursor()
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})"
    cursor.executemany(statement, (tuple(map(_plain, row)) for row in rows))


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
