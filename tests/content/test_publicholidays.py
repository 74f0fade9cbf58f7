"""Dutch public holidays, beside those of a library that keeps them for all countries."""

from __future__ import annotations

from datetime import date

import holidays

from content.publicholidays import public_holidays


def test_forty_years_as_the_library_has_them() -> None:
    """The days of every year are those of the package ``holidays``."""
    for year in range(2014, 2054):
        assert public_holidays(year) == set(holidays.country_holidays("NL", years=year)), year


def test_days_of_one_year() -> None:
    """Easter decides five days; Liberation Day is not one of them in 2027; King's Day is moved."""
    assert date(2027, 3, 29) in public_holidays(2027)
    assert date(2027, 5, 6) in public_holidays(2027)
    assert date(2027, 5, 5) not in public_holidays(2027)
    assert date(2025, 5, 5) in public_holidays(2025)
    assert date(2025, 4, 26) in public_holidays(2025)
    assert date(2025, 4, 27) not in public_holidays(2025)
