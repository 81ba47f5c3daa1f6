"""Putting a desk together from what the rooms offer, and asking every room in one search. Writes nothing."""

from collections.abc import Sequence
from datetime import datetime

from portal.desk import rules
from portal.desk.terms import BARS, HITS, IN_PHASE, READINGS_WHOLE, WEEK, Desk, Emphasis, Line
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import Bar, DeskBars, Hit, Probe, Reading, SearchIn, Task, offers, readings
from portal.settings import queries as settings


def desk(actor: Actor, now: datetime, *, limit: int) -> Desk:
    """Return somebody's desk: figures, what to do first, the day's plan, progress, and for keepers the machine."""
    house, phase = offers(), settings.phase(now.date())
    shape = IN_PHASE.get(phase.number if phase else 0, Emphasis())
    cards = sorted(house.cards, key=lambda card: (*_place(card.key, shape), card.order))
    figures = [(card, figure) for card in cards if _for(actor, card.needs) and (figure := card.read(actor, now))]
    tasks, count, late = _tasks(actor, now, limit)
    asked = sum(figure.asks for _card, figure in figures)
    words = f"{now.year}年{now.month}月{now.day}日 星期{WEEK[now.weekday()]}" + (f" · {phase.words}" if phase else "")
    plans = [line for one in house.plans if _for(actor, one.needs) for line in one.read(actor, now)]
    readings, fine = _readings(actor, now)
    watched = sum(found.lamp in ("late", "soon") for _probe, found in readings)
    return Desk(
        words, f"{rules.greeting(now)}，{_called(actor)}。{rules.headline(late, count + asked, watched)}", figures,
        [Line(one, rules.when(one.until_at, now), rules.over(one.until_at, now)) for one in tasks], count,
        sorted(plans, key=lambda line: line.at), shape.progress_above, _bars(actor, now), readings, fine, asked,
    )  # fmt: skip


def _for(actor: Actor, needs: Can | None) -> bool:
    return needs is None or actor.may(needs)


def _place(key: str, shape: Emphasis) -> tuple[int, int]:
    """First those that the phase brings forward, in its order; last those that it puts behind."""
    if key in shape.first:
        return 0, shape.first.index(key)
    return (2, 0) if key in shape.last else (1, 0)


def _called(actor: Actor) -> str:
    return actor.name.removesuffix("（演示）")


def _tasks(actor: Actor, now: datetime, limit: int) -> tuple[list[Task], int, int]:
    """The first lines of all rooms, how many there are, and how many of them are late: each from its room's count."""
    found = [one.read(actor, now, limit) for one in offers().tasks if actor.may(one.needs)]
    lines = sorted((line for one in found for line in one.lines), key=lambda task: task.until_at)
    return lines[:limit], sum(one.count for one in found), sum(one.late for one in found)


def _bars(actor: Actor, now: datetime) -> list[tuple[DeskBars, Sequence[Bar], int]]:
    sheets = sorted((one for one in offers().bars if actor.may(one.needs)), key=lambda one: one.order)
    return [(one, bars[:BARS], max(0, len(bars) - BARS)) for one in sheets if (bars := one.read(actor, now))]


def _readings(actor: Actor, now: datetime) -> tuple[list[tuple[Probe, Reading]], int]:
    """What the probes find wrong, for whoever looks after the machine, and how many find nothing; a few are shown
    whole. Who may only read 系统状态 reads it there, and hears of what goes wrong by reminders."""
    probes = sorted((one for one in offers().probes if _looks_after(actor, one.needs)), key=lambda one: one.order)
    found = readings(probes, now) if probes else []
    wrong = [(one, read) for one, read in found if read.lamp in ("late", "soon")]
    return found if len(found) <= READINGS_WHOLE else wrong, len(found) - len(wrong)


def _looks_after(actor: Actor, needs: Can) -> bool:
    return actor.may(Can.DUTIES_RUN if needs is Can.UPKEEP_READ else needs)


def found(actor: Actor, words: str) -> list[tuple[SearchIn, Sequence[Hit]]]:
    """Return each room's best hits; rooms without one are left out."""
    rooms = [one for one in offers().search if actor.may(one.needs)]
    found = [(one, hits) for one in rooms if words and (hits := one.find(actor, words, HITS))]
    return sorted(found, key=lambda part: (not any(hit.exact for hit in part[1]), part[0].order))
