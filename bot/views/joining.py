"""Joining a class, and the administrator's question about a member of staff."""

from __future__ import annotations

from bot.screen import Screen, Speech
from storage.access import Opened
from storage.people import PersonView


def joined(say: Speech, person: PersonView) -> Screen:
    """Welcome a pupil with the four digits for the mentor."""
    text = say(
        "join.done",
        label=person.class_label or "",
        name=(person.name or "").split(" ")[0],
        code=person.code or "",
    )
    return Screen(text, protect=True)


def confirm_staff(say: Speech, opened: Opened) -> Screen:
    """Ask an administrator whether this really is the member of staff."""
    member = opened.staff
    warning = say.after("staff.link_admin_pupil", label=opened.pupil_of) if opened.pupil_of else ""
    text = say("staff.link_admin", name=member.name, code=member.code, warning=warning)
    return Screen(
        text,
        (
            (
                say.button("staff.link_admin_confirm", f"staff:yes:{member.id}"),
                say.button("staff.link_admin_refuse", f"staff:no:{member.id}"),
            ),
        ),
        protect=True,
    )


def colleague(say: Speech, opened: Opened) -> Screen:
    """Tell a colleague of the same class that somebody opened a link for it."""
    labels = ", ".join(p.class_label for p in opened.staff.posts if p.class_label)
    return Screen(say("staff.link_colleague", name=opened.staff.name, label=labels))
