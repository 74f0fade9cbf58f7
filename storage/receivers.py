"""Receivers of a report with their names, as a pupil or a colleague sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from storage.dossier import name_of
from storage.routing import Receiver


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """Somebody who gets a report; ``instead_of`` names the absent person they stand in for."""

    staff_id: str
    name: str = field(repr=False)
    role: str
    instead_of: str | None = field(repr=False)


def named(session: Session, receivers: Iterable[Receiver]) -> tuple[ReceiverView, ...]:
    """Return receivers with their names."""
    return tuple(
        ReceiverView(
            each.staff_id,
            name_of(session, each.staff_id) or "",
            each.role,
            name_of(session, each.instead_of),
        )
        for each in receivers
    )
