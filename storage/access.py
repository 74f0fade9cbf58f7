"""Access of staff: a personal link, the administrator's yes, and its end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import attempts, cards, staff
from storage.claims import claim
from storage.database import vault_of
from storage.errors import NotNow
from storage.people import row as person_row
from storage.snapshot import is_active
from storage.staff import StaffView, get, view
from storage.tables import SchoolClass, Staff, StaffInvite

VALID: Final = timedelta(days=7)
CODE_BYTES: Final = 24  # 192 bits; Telegram allows 64 characters after "start="


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened a staff link and now waits for the administrator."""

    staff: StaffView
    account: int
    """The Telegram id that opened the link."""
    colleagues: tuple[StaffView, ...]
    """Active staff of the same classes, to be told."""
    pupil_of: str | None
    """The class in which this account is a pupil: a warning for the administrator."""


def invite(session: Session, staff_id: str, now: datetime) -> str:
    """Return a fresh code for a personal link, valid for seven days; older links end.

    Raises NotNow when the person left the school.
    """
    member = get(session, staff_id, lock=True)
    if member.left_at is not None:
        raise NotNow("this person left the school")
    end_links(session, member)
    code = secrets.token_urlsafe(CODE_BYTES)
    session.add(
        StaffInvite(
            code_hash=vault_of(session).digest(code), staff_id=staff_id, expires_at=now + VALID
        )
    )
    return code


def open_invite(
    session: Session, code: str, telegram_id: int, now: datetime, update_id: int | None = None
) -> Opened | None:
    """Use a link: its owner now waits for the administrator. Access so far stays as it was.

    None for a code that is wrong, used or expired. Raises TooMany after ten failures in an hour.
    """
    attempts.check(session, telegram_id, now)
    ours = claim(session, update_id, now)
    query = select(StaffInvite).where(StaffInvite.code_hash == vault_of(session).digest(code))
    link = session.scalar(query.with_for_update())
    member = None if link is None else get(session, link.staff_id, lock=True)
    if link is not None and member is not None:
        if ours and link.used_at is None and now < link.expires_at and member.left_at is None:
            link.used_at = member.claimed_at = now
            member.claimed_telegram_id = telegram_id
            return _opened(session, member, telegram_id)
        if not ours and member.claimed_telegram_id == telegram_id:
            return _opened(session, member, telegram_id)
    if ours:
        attempts.failed(session, telegram_id, now)
    return None


def confirm(
    session: Session, staff_id: str, now: datetime, update_id: int | None = None
) -> StaffView:
    """Give the account that waits access; the account that had it before loses it and its cards.

    The same update again changes nothing. Raises NotNow when nobody waits, or when a colleague has
    access with that same account.
    """
    member = get(session, staff_id, lock=True)
    if not claim(session, update_id, now):
        return view(session, member)
    if member.claimed_telegram_id is None:
        raise NotNow("nobody opened the link")
    _release(session, member.claimed_telegram_id, staff_id)
    if member.telegram_id != member.claimed_telegram_id:
        cards.bury_of(session, staff_id, now)
    member.telegram_id, member.confirmed_at = member.claimed_telegram_id, now
    member.claimed_telegram_id = member.claimed_at = None
    member.revoked_at = member.unreachable_since = None
    session.flush()
    return view(session, member)


def refuse(session: Session, staff_id: str) -> StaffView:
    """Turn away the account that waits."""
    member = get(session, staff_id, lock=True)
    member.claimed_telegram_id = member.claimed_at = None
    return view(session, member)


def revoke(session: Session, staff_id: str, now: datetime) -> StaffView:
    """End access at once, and all open links. Their open reports need ``handover`` next."""
    member = get(session, staff_id, lock=True)
    member.revoked_at = now
    end_links(session, member)
    return view(session, member)


def waiting(session: Session) -> tuple[StaffView, ...]:
    """Return who opened a link and waits for the administrator, first come first."""
    query = select(Staff).where(Staff.claimed_telegram_id.is_not(None))
    return tuple(view(session, each) for each in session.scalars(query.order_by(Staff.claimed_at)))


def end_links(session: Session, member: Staff) -> None:
    """End the links of ``member`` and turn away who waits, for this room only."""
    member.claimed_telegram_id = member.claimed_at = None
    session.execute(delete(StaffInvite).where(StaffInvite.staff_id == member.id))


def _opened(session: Session, member: Staff, telegram_id: int) -> Opened:
    opened = view(session, member)
    classes = {post.class_id for post in opened.posts if post.class_id}
    near = (each for class_id in sorted(classes) for each in staff.of_class(session, class_id))
    colleagues = {each.id: each for each in near if each.active and each.id != member.id}
    person = person_row(session, telegram_id)
    pupil_of = session.get(SchoolClass, person.class_id) if person and person.class_id else None
    return Opened(
        opened, telegram_id, tuple(colleagues.values()), pupil_of.label if pupil_of else None
    )


def _release(session: Session, telegram_id: int, staff_id: str) -> None:
    query = select(Staff).where(Staff.telegram_id == telegram_id, Staff.id != staff_id)
    holder = session.scalar(query.with_for_update())
    if holder is None:
        return
    if is_active(holder):
        raise NotNow("a colleague has access with this account")
    holder.telegram_id = None
    session.flush()
