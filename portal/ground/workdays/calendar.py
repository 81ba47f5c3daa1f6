"""The calendar as a value: which days work, counting along them, and the days passed by on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from portal.ground.labels import Label

ONE = timedelta(days=1)
#: So many tracks a calendar keeps.
KEPT_MOST = 2_000
#: Statutory days whose date is the same in every year.
FIXED_FEASTS = {
    (1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节",
}  # fmt: skip


class YearNotPublished(LookupError):
    """The working days of a year are not published yet, so that nothing can be counted through it."""

    def __init__(self, year: int):
        super().__init__(f"the working days of {year} are not published")
        self.year = year


class DayKind(Label):
    """What a day is to those who count."""

    WORKDAY = "workday", "工作日"
    WEEKEND = "weekend", "周末"
    HOLIDAY = "holiday", "放假"
    MAKE_UP = "make_up", "调休上班"


class Day(NamedTuple):
    """A day of a calendar; `name` is the feast that it belongs to, for a make-up day the one that it makes up for."""

    on: date
    works: bool
    name: str = ""

    @property
    def kind(self) -> DayKind:
        """Workday, weekend, holiday (a weekend within a feast is one too) or make-up day."""
        weekend = self.on.weekday() > 4
        if self.works:
            return DayKind.MAKE_UP if weekend else DayKind.WORKDAY
        return DayKind.WEEKEND if weekend and not self.name else DayKind.HOLIDAY


class Year:
    """The days of a year, every one of them. ValueError where one is missing or comes twice."""

    __slots__ = ("_before", "_names", "_works", "published", "source", "year")

    def __init__(self, year: int, days: Iterable[tuple[date, bool, str]], *, published: bool, source: str = ""):
        self.year, self.published, self.source = year, published, source
        given = sorted(days)
        first = date(year, 1, 1).toordinal()
        if [day.toordinal() for day, _, _ in given] != list(range(first, date(year, 12, 31).toordinal() + 1)):
            raise ValueError(f"a calendar of {year} needs each of its days once")
        self._works = bytes(works for _, works, _ in given)
        self._before = [0, *accumulate(self._works)]  # working days before the n-th day of the year
        self._names = {place: name for place, (_, _, name) in enumerate(given) if name}

    def day(self, on: date) -> Day:
        """Return a day of this year."""
        place = on.toordinal() - date(self.year, 1, 1).toordinal()
        return Day(on, bool(self._works[place]), self._names.get(place, ""))

    def days(self) -> list[Day]:
        """Return the days in order."""
        first = date(self.year, 1, 1)
        return [
            Day(first + timedelta(days=place), bool(works), self._names.get(place, ""))
            for place, works in enumerate(self._works)
        ]

    def works(self, on: date) -> bool:
        """Tell whether a day of this year works."""
        return bool(self._works[on.toordinal() - date(self.year, 1, 1).toordinal()])

    def worked(self, on: date) -> int:
        """Return how many working days of this year have passed when `on` is over."""
        return self._before[on.toordinal() - date(self.year, 1, 1).toordinal() + 1]

    @property
    def total(self) -> int:
        """Return how many days of this year work."""
        return self._before[-1]

    @property
    def length(self) -> int:
        """Return how many days it has."""
        return len(self._works)

    @classmethod
    def guessed(cls, year: int) -> "Year":
        """Return a year of which nothing is known: weekends, and the statutory days that have a fixed date."""
        first = date(year, 1, 1)
        days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
        feasts = {day: FIXED_FEASTS.get((day.month, day.day), "") for day in days}
        return cls(year, [(day, day.weekday() < 5 and not name, name) for day, name in feasts.items()], published=False)


class Step(NamedTuple):
    """A day passed by while counting: `number` is 0 for the first day, which never counts, None for a day left out."""

    day: Day
    number: int | None
    provisional: bool


@dataclass(frozen=True)
class Track:
    """One way of counting: so many days from a day on, the last one counted, and the day on which the limit ends."""

    days: int
    working: bool  # counts working days, else every day
    counted_to: date
    due_on: date  # later than `counted_to` where that is a day off and a count of all days rolls on
    steps: tuple[Step, ...]

    @property
    def provisional(self) -> bool:
        """Whether a year that is not published was passed through."""
        return any(step.provisional for step in self.steps)

    @property
    def rolled(self) -> bool:
        """Whether the end fell on a day off."""
        return self.due_on > self.counted_to


class Workdays:
    """A calendar of working days: a pure value. A year that is not in it raises `YearNotPublished`.

    `version` is the calendar's number, which whatever was reckoned with it keeps. Years that are only foreseen
    (weekends and statutory days) are left out, but counted in the twin `foreseen`, which knows every year: of those
    that are in no calendar at all it takes weekends and the fixed statutory days.
    """

    def __init__(self, years: Iterable[Year], version: int, *, foreseeing: bool = False):
        self.version = version
        self.foreseeing = foreseeing
        self._all = {year.year: year for year in years}
        self._years = {n: year for n, year in self._all.items() if foreseeing or year.published}
        self._after: dict[tuple[date, int], Track] = {}

    @property
    def years(self) -> Mapping[int, Year]:
        """The years that it was made of, published or foreseen."""
        return self._all

    @cached_property
    def foreseen(self) -> "Workdays":
        """The same calendar with the years that are only foreseen; raises for no year."""
        return self if self.foreseeing else Workdays(self._all.values(), self.version, foreseeing=True)

    def covers(self, year: int) -> bool:
        """Tell whether a year is published."""
        return year in self._all and self._all[year].published

    def _year(self, year: int) -> Year:
        found = self._years.get(year)
        if found is None:
            if not self.foreseeing:
                raise YearNotPublished(year)
            found = self._years[year] = Year.guessed(year)
        return found

    def day(self, on: date) -> Day:
        """Return what a day is."""
        return self._year(on.year).day(on)

    def is_workday(self, day: date) -> bool:
        """Tell whether a day works."""
        return self._year(day.year).works(day)

    def next_workday(self, day: date) -> date:
        """Return the day itself where it works, else the next one that does."""
        while not self.is_workday(day):
            day += ONE
        return day

    def previous_workday(self, day: date) -> date:
        """Return the day itself where it works, else the last one before it that did."""
        while not self.is_workday(day):
            day -= ONE
        return day

    def after(self, day: date, n: int) -> Track:
        """Count `n` working days from a day on, which itself does not count (民法典 201). Lists ask for few days, each
        of them often: answers are kept."""
        found = self._after.get((day, n))
        if found is None:
            if len(self._after) >= KEPT_MOST:
                self._after.clear()
            found = self._after[day, n] = self._counted(day, n)
        return found

    def _counted(self, day: date, n: int) -> Track:
        steps, number = [self._step(day, 0)], 0
        if n < 1:
            raise ValueError("a limit is at least one day")
        while number < n:
            day += ONE
            works = self.is_workday(day)
            number += works
            steps.append(self._step(day, number if works else None))
        return Track(n, True, day, day, tuple(steps))

    def calendar_days(self, day: date, n: int) -> Track:
        """Count `n` days of any kind from a day on; an end on a day off rolls to the next working day (rules 10)."""
        if n < 1:
            raise ValueError("a limit is at least one day")
        last = day + timedelta(days=n)
        due = self.next_workday(last)
        passed = [day + timedelta(days=place) for place in range((due - day).days + 1)]
        steps = tuple(self._step(one, place if place <= n else None) for place, one in enumerate(passed))
        return Track(n, False, last, due, steps)

    def before(self, day: date, n: int) -> date:
        """Return the `n`-th working day before a day."""
        for _ in range(n):
            day = self.previous_workday(day - ONE)
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days come after `first`, up to and with `last`; negative the other way round."""
        if last < first:
            return -self.between(last, first)
        total = self._year(last.year).worked(last) - self._year(first.year).worked(first)
        return total + sum(self._year(year).total for year in range(first.year, last.year))

    def _step(self, day: date, number: int | None) -> Step:
        if number == 0:  # only where counting begins: it may lie in a year that nobody has published
            year = self._all.get(day.year)
            return Step(year.day(day) if year else Day(day, day.weekday() < 5), number, False)
        return Step(self._year(day.year).day(day), number, not self._years[day.year].published)
