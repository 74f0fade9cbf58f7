"""Which members of staff a pupil's words may be about, from the roster of the school."""

from __future__ import annotations

from bot.services import Services
from content.mentions import Mentions, StaffName, find
from content.rolewords import in_known_words
from storage import staff


async def staff_names(
    services: Services, telegram_id: int, class_id: str | None = None
) -> list[StaffName]:
    """Return the staff as this pupil may name them, with the mentors of the class marked.

    The class is ``class_id``, else the pupil's own.
    """
    return (await class_and_staff(services, telegram_id, class_id))[1]


async def class_and_staff(
    services: Services, telegram_id: int, class_id: str | None = None
) -> tuple[str | None, list[StaffName]]:
    """Return the pupil's class, if there is one, and the staff as ``staff_names`` does."""
    class_id, members = await services.db.run(staff.seen_by, telegram_id, class_id)
    names = [
        StaffName(
            m.id,
            m.name,
            mentor=class_id is not None and m.holds("mentor", class_id),
            code=m.code,
            roles=tuple(dict.fromkeys(post.role for post in m.posts)),
            classes=tuple(p.class_label for p in m.posts if p.role == "mentor" and p.class_label),
        )
        for m in members
    ]
    return class_id, names


async def meant(
    services: Services, telegram_id: int, text: str, class_id: str | None = None
) -> Mentions:
    """Return who of the staff may be meant in ``text``."""
    return among(services, text, await staff_names(services, telegram_id, class_id))


def among(services: Services, text: str, known: list[StaffName]) -> Mentions:
    """Return who of these staff may be meant in ``text``."""
    found = [find(each, known) for each in _readings(services, text)]
    sure = dict.fromkeys(who for each in found for who in each.sure)
    unsure = dict.fromkeys(who for each in found for who in each.unsure if who not in sure)
    return Mentions(tuple(sure), tuple(unsure))


def says_mentor(services: Services, text: str) -> bool:
    """Tell whether a text speaks of "my mentor", whoever that is."""
    anyone = [StaffName("mentor", "", mentor=True)]
    return any(find(each, anyone).all for each in _readings(services, text))


def _readings(services: Services, text: str) -> dict[str, None]:
    """Return a text as typed and with the school's own words put into known ones.

    Both count: a name of the staff may be a word of the school's, and must not get lost.
    """
    return dict.fromkeys([text, in_known_words(text, services.pack.school)])
