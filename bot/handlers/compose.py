"""From a draft to what the storage room and the views need of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from telegram import Update

from bot import reporting
from bot.context import Context, language_of
from bot.meant import staff_names
from bot.reporting import Data, Known
from bot.services import Services
from bot.terms import policy_of
from bot.views.report import PLACES, WHEN, Receiving, StepView
from bot.views.times import moment
from storage import classes, people, reports, staff
from storage.drafts import DraftView
from storage.receivers import ReceiverView
from storage.reports import NewReport
from storage.routing import Route


@dataclass(frozen=True, slots=True)
class StepData:
    """What a tap does to a draft's data, where that needs the roster."""

    services: Services
    draft: DraftView

    async def after(self, step: str, choice: str) -> Data:
        """Return the data after ``choice`` at ``step``; unchanged when it does not fit."""
        takes = {
            "class": self._class,
            "staff": self._staff,
            "staff_name": self._staff_name,
            "pick": self._pick,
        }
        if step in takes:
            return await takes[step](choice)
        return self._plain(step, choice)

    def _plain(self, step: str, choice: str) -> Data:
        data, pack = self.draft.data, self.services.pack
        say = self.services.speech(data["lang"])
        if step == "app" and choice.isdecimal() and int(choice) < len(pack.school.apps):
            return {**data, "app": pack.school.apps[int(choice)]}
        if step == "app" and choice in PLACES:
            return {**data, "app": say.label(f"report.app.{choice}")}
        if step == "when" and choice in WHEN:
            return {**data, "when": say.label(f"report.when.{choice}")}
        if step in {"danger", "sexual"}:
            return {**data, step: choice == "yes"}
        if step == "rule":
            return reporting.chose_rule(data, choice if pack.has_label(choice) else None)
        return data

    async def _class(self, choice: str) -> Data:
        known = {each.id for each in await self.services.db.run(classes.active)}
        return {**self.draft.data, "class": choice if choice in known else None}

    async def _staff_name(self, choice: str) -> Data:
        data = self.draft.data
        return reporting.staff_unknown(data) if choice == "unknown" else data

    async def _pick(self, choice: str) -> Data:
        """Let the pupil have a mentor after all when the report is about another mentor."""
        new = await new_report(self.services, self.draft)
        found = await self.services.db.run(
            reports.preview,
            self.draft.telegram_id,
            new,
            policy_of(self.services),
            self.services.clock(),
        )
        fits = choice in {each.staff_id for each in found.pickable}
        return {**self.draft.data, "picked": choice} if fits else self.draft.data

    async def _staff(self, choice: str) -> Data:
        data = self.draft.data
        if choice == "all":
            known, unknown = list(data.get("recognised", [])), data.get("mentor_said", False)
            return reporting.chose_staff(data, known, unknown=unknown)
        names = await staff_names(self.services, self.draft.telegram_id)
        mentors = [each.id for each in names if each.mentor]
        if choice == "no":
            return reporting.chose_staff(data, [])
        if choice == "other":
            return reporting.staff_by_name(data)
        if choice == "mentor":
            unknown = not mentors
            return (
                reporting.staff_unknown(data) if unknown else reporting.chose_staff(data, mentors)
            )
        chosen = [each.id for each in names if each.id == choice]
        return reporting.chose_staff(data, chosen) if chosen else data


async def present(update: Update, context: Context, draft: DraftView) -> DraftView:
    """Return a draft as it stands now: in the language of now, and without a class that is gone."""
    services = context.services
    known = Known(named=draft.named, in_class=draft.class_id is not None)
    data = reporting.refreshed(draft.data, await language_of(services, update), known)
    chosen = data.get("class")
    if chosen and await services.db.run(classes.by_id, chosen) is None:  # ended since
        data = reporting.reopened(data, "class")
    return replace(draft, data=data, step=reporting.next_step(data))


async def step_view(services: Services, draft: DraftView, page: int = 0) -> StepView:
    """Return what the question of the present step needs; ``page``: of a long list."""
    if draft.step == "staff" and draft.data.get("recognised"):
        names = {n.id: n.name for n in await staff_names(services, draft.telegram_id)}
        known = [(i, names[i]) for i in draft.data["recognised"] if i in names]
        return StepView(draft.version, recognised=tuple(known))
    if draft.step == "class":
        found = await services.db.run(classes.active)
        person = await services.db.run(people.find, draft.telegram_id)
        left = person is not None and person.left_at is not None
        labels = tuple((each.id, each.label) for each in found)
        return StepView(draft.version, classes=labels, was_in_class=left, page=page)
    return StepView(draft.version)


async def new_report(services: Services, draft: DraftView) -> NewReport:
    """Return the report that a complete draft stands for."""
    data = draft.data
    person = await services.db.run(people.find, draft.telegram_id)
    class_id = (person.class_id if person else None) if data["in_class"] else data.get("class")
    accused = frozenset(data.get("staff") or ())
    if data.get("staff_unknown") and class_id:
        accused |= {
            m.id
            for m in await services.db.run(staff.of_class, class_id)
            if m.holds("mentor", class_id)
        }
    return NewReport(
        what=data["what"],
        class_id=class_id,
        rule=data.get("rule"),
        steps=steps_of(data),
        urgent=bool(data.get("danger")),
        route=route_of(data),
        accused=accused,
        picked=data.get("picked"),
        app=data.get("app"),
        when=data.get("when"),
        who=data.get("who"),
    )


def route_of(data: Data) -> Route:
    """Return the way of a report: past the class for what is about staff and sexual."""
    if not reporting.about_staff(data):
        return "class"
    anybody = data.get("staff_unknown") and not data["in_class"] and not data.get("class")
    # of an unknown class any mentor may be meant, also one who is a coordinator
    return "confidential" if data.get("sexual") or anybody else "staff"


def steps_of(data: Data) -> str:
    """Return which steps the receiver is shown."""
    if reporting.about_staff(data):
        return "staff"
    steps: str = data.get("steps") or ("crisis" if data.get("danger") else "rule")
    return "sexual" if steps == "staff" else steps  # the pupil said: not about staff


async def class_label(services: Services, class_id: str | None) -> str | None:
    """Return the label of a class."""
    if class_id is None:
        return None
    found = await services.db.run(classes.active)
    return next((each.label for each in found if each.id == class_id), None)


async def receiving(
    services: Services,
    draft: DraftView,
    receivers: Iterable[ReceiverView],
    accused: frozenset[str],
) -> Receiving:
    """Return who gets the report, who never will, and when it is likely to be read."""
    names = {each.id: each.name for each in await staff_names(services, draft.telegram_id)}
    now = services.clock()
    clock = services.school_clock
    due = policy_of(services).terms.ends("seen", urgent=False, now=now)
    closed = not clock.is_school_hour(now)
    when = clock.next_opening(now) if closed else due
    return Receiving(
        names=tuple((each.name, each.role) for each in receivers),
        shut_out=tuple(names[staff_id] for staff_id in sorted(accused) if staff_id in names),
        when=moment(clock.local(when), draft.data["lang"]),
        closed=closed,
    )
