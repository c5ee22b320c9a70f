"""The seed of the calendar: two libraries, compared day by day."""

from datetime import date

from appeals.calendar import load_calendar
from appeals.calendar_seed import main, seed_year
from appeals.settings import CALENDAR_FILE

NEW_YEAR, SECOND = date(2026, 1, 1), date(2026, 1, 2)


def weekdays_but(*holidays):
    """A source that knows every year, and these days without work."""
    return lambda day: day.weekday() < 5 and day not in holidays


def knows_nothing(day):
    return None


def test_the_calendar_that_comes_along_is_what_both_libraries_say(tmp_path, capsys):
    path = tmp_path / "calendar.yml"

    assert main([str(path), "--version", load_calendar().version]) == 0

    assert path.read_text(encoding="utf-8") == CALENDAR_FILE.read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""


def test_a_year_that_both_know_alike_is_settled():
    source = weekdays_but(NEW_YEAR)

    year, differ = seed_year(2026, (source, source), weekdays_but())

    assert (year, differ) == ({"holidays": [NEW_YEAR], "makeup_days": []}, [])


def test_a_year_that_only_one_knows_is_provisional():
    year, differ = seed_year(2026, (weekdays_but(NEW_YEAR, SECOND), knows_nothing), weekdays_but(NEW_YEAR))

    assert year == {"provisional": True, "holidays": [NEW_YEAR, SECOND], "makeup_days": []}
    assert differ == []


def test_a_year_that_nobody_knows_has_its_statutory_days():
    year, _ = seed_year(2026, (knows_nothing, knows_nothing), weekdays_but(NEW_YEAR))

    assert year == {"provisional": True, "holidays": [NEW_YEAR], "makeup_days": []}


def test_a_year_about_which_they_differ_is_provisional_and_its_days_are_named():
    year, differ = seed_year(2026, (weekdays_but(NEW_YEAR, SECOND), weekdays_but(NEW_YEAR)), weekdays_but())

    assert year["provisional"]
    assert differ == [SECOND]


def test_overrides_and_office_hours_are_kept_when_a_calendar_is_seeded_anew(tmp_path):
    path = tmp_path / "calendar.yml"
    override = "overrides: [{day: 2026-11-24, works: false, source: 省政府通知}]"
    text = CALENDAR_FILE.read_text(encoding="utf-8").replace("overrides: []", override).replace("08:30", "09:00")
    path.write_text(text, encoding="utf-8")

    assert main([str(path), "--version", "2026-12", "--first", "2026", "--last", "2026"]) == 0

    kept = load_calendar(path)
    assert kept.version == "2026-12"
    assert not kept.is_workday(date(2026, 11, 24))
    assert kept.office_hours[0][0].hour == 9


def test_a_calendar_that_is_wrong_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "calendar.yml"
    path.write_text("version: 1\n", encoding="utf-8")

    assert main([str(path), "--version", "2026-12"]) == 2

    assert path.read_text(encoding="utf-8") == "version: 1\n"
    assert "calendar_seed: " in capsys.readouterr().err
