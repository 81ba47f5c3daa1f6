"""Putting a desk together from what the rooms offer, and asking every room in one search. Writes nothing."""

from collections.abc import Sequence
from datetime import datetime

from portal.desk import rules
from portal.desk.terms import BARS, FIRST_IN_PHASE, HITS, WEEK, Desk
from portal.ground.actor import Actor
from portal.ground.declare import Bar, DeskBars, Figure, Hit, Probe, Reading, SearchIn, Task, offers
from portal.settings import queries as settings


def desk(actor: Actor, now: datetime, *, limit: int) -> Desk:
    """Return somebody's desk: figures, what to do first, the day's plan, progress, and for keepers the machine."""
    house, phase = offers(), settings.phase(now.date())
    first = FIRST_IN_PHASE.get(phase.number if phase else 0, ())
    cards = sorted(house.cards, key=lambda card: (card.key not in first, card.order))
    figures = [(card, figure) for card in cards if actor.may(card.needs) and (figure := card.read(actor, now))]
    tasks, count = _tasks(actor, now, limit)
    late = max(sum(_number(one) for _card, one in figures if one.late), sum(task.lamp == "late" for task in tasks))
    words = f"{now.year}年{now.month}月{now.day}日 星期{WEEK[now.weekday()]}" + (f" · {phase.words}" if phase else "")
    plans = sorted(
        (line for one in house.plans if actor.may(one.needs) for line in one.read(actor, now)), key=lambda line: line.at
    )
    return Desk(
        words, f"{rules.greeting(now)}，{_called(actor)}。{rules.headline(late, count)}", figures, tasks, count, plans,
        _bars(actor, now), _readings(actor, now),
    )  # fmt: skip


def _called(actor: Actor) -> str:
    return actor.name.removesuffix("（演示）")


def _number(figure: Figure) -> int:
    digits = figure.number.replace(",", "")
    return int(digits) if digits.isdigit() else 0


def _tasks(actor: Actor, now: datetime, limit: int) -> tuple[list[Task], int]:
    lines: list[Task] = []
    count = 0
    for one in offers().tasks:
        if actor.may(one.needs):
            found, more = one.read(actor, now, limit)
            lines += found
            count += more
    return sorted(lines, key=lambda task: task.until_at)[:limit], count


def _bars(actor: Actor, now: datetime) -> list[tuple[DeskBars, Sequence[Bar]]]:
    sheets = sorted((one for one in offers().bars if actor.may(one.needs)), key=lambda one: one.order)
    return [(one, bars[:BARS]) for one in sheets if (bars := one.read(actor, now))]


def _readings(actor: Actor, now: datetime) -> list[tuple[Probe, Reading]]:
    """What the probes find wrong, for whoever looks after the machine."""
    probes = sorted((one for one in offers().probes if actor.may(one.needs)), key=lambda one: one.order)
    return [(one, reading) for one in probes if (reading := one.read(now)).lamp in ("late", "soon")]


def found(actor: Actor, words: str) -> list[tuple[SearchIn, Sequence[Hit]]]:
    """Return each room's best hits; rooms without one are left out."""
    rooms = sorted((one for one in offers().search if actor.may(one.needs)), key=lambda one: one.order)
    return [(one, hits) for one in rooms if words and (hits := one.find(actor, words, HITS))]
