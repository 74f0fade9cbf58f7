"""Who is meant by a name on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import BotError

if TYPE_CHECKING:
    from storage.database import Database
    from storage.staff import StaffView


async def one(db: Database, name: str) -> StaffView:
    """Return the member of staff with this name or code.

    Raises BotError when nobody has it, or several have: then their codes are named.
    """
    from storage import staff

    found = await db.run(staff.by_name, name)
    if not found:
        raise BotError(f"{name}: niemand met die naam of afkorting")
    if len(found) > 1:
        codes = ", ".join(each.code for each in found)
        raise BotError(f"{name}: meer mensen met die naam, noem de afkorting: {codes}")
    return found[0]
