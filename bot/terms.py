"""The school's terms as the storage room wants them: its clock, its nights, its limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.services import Services
from content.models import School
from content.schoolclock import SchoolClock
from storage.policy import Policy, Step


@dataclass(frozen=True, slots=True)
class SchoolTerms:
    """Terms on the school clock; urgent ones run on the wall clock, holidays included."""

    school: School
    clock: SchoolClock

    def ends(self, step: Step, *, urgent: bool, now: datetime) -> datetime:
        """Return when a term that starts now has passed."""
        terms = self.school.terms
        if urgent:
            return now + timedelta(minutes=terms.urgent_minutes)
        if step == "seen":
            return self.clock.add_school_hours(now, terms.seen_school_hours)
        return self.clock.add_school_days(now, terms.answer_school_days)

    def buzz_at(self, *, urgent: bool, now: datetime) -> datetime:
        """Return when a phone of staff may buzz: now, or when the night is over."""
        return now if urgent else (self.clock.quiet_hours(now) or now)


def policy_of(services: Services) -> Policy:
    """Return the school's policy from the pack and the settings."""
    school = services.pack.school
    return Policy(
        SchoolTerms(school, services.school_clock),
        admins=services.settings.admin_ids,
        per_hour=school.limits.reports_per_hour,
        per_day=school.limits.reports_per_day,
    )
