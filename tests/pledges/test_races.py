"""I11 with real threads and real deaths, on both engines: one press or ten, power cut or not, one pledge or none.

Every race has its negative control: the same without the guard must go wrong.
"""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from portal.audit.models import TrailLine
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.kiosk import services as kiosk
from portal.kiosk.models import Code, Journey
from portal.kiosk.terms import CHECK, READ, SIGN, WHO
from portal.merchants.models import Shop, Tenure
from portal.merchants.services import change_operator
from portal.papers import services as papers
from portal.papers.models import NumberSeries, Paper
from portal.papers.terms import Standing
from portal.pledges import services
from portal.pledges.models import Pledge
from portal.pledges.services import Ready, signing
from portal.pledges.terms import PledgeState, Proof, Signer
from tests.cast import Cast
from tests.pledges import ways

PRESSES = 10


@pytest.fixture(autouse=True)
def texts(house: Flask, now: datetime) -> None:
    services.sow_templates(now)
    db.session.commit()


@contextmanager
def a_worker(house: Flask) -> Any:
    """A worker's own context: its own session, its own connection."""
    with house.app_context():
        writing.set(True)
        try:
            yield
        finally:
            db.session.remove()


def at_once(house: Flask, deed: Callable[[int], Any], count: int = PRESSES) -> list[Any]:
    """Do a deed in so many threads that begin together; a refusal or a taken key is an answer like any other."""
    begin = Barrier(count)

    def one(number: int) -> Any:
        with a_worker(house):
            begin.wait()
            try:
                answer = deed(number)
                db.session.commit()
            except (Refused, IntegrityError) as no:
                db.session.rollback()
                return type(no)
            return answer

    db.session.commit()
    db.session.remove()
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def count(model: Any, *conditions: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def ready_at_the_glass(cast: Cast, now: datetime) -> tuple[Ready, Actor]:
    machine = ways.a_machine(now)
    journey = ways.at_the_glass(ways.a_shop(now), machine, by=cast["staff"], now=now)
    return services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now), machine


def test_i11_one_press_or_ten(house: Flask, cast: Cast, now: datetime) -> None:
    """PLEDGE-2: ten presses at once are one pledge, one paper, one line of the trail; all see the same number."""
    ready, machine = ready_at_the_glass(cast, now)
    answers = at_once(house, lambda _n: services.sign(ready, by=machine, now=now).number)
    assert answers == ["桂三包〔2026〕第0001号"] * PRESSES
    assert (count(Pledge), count(Paper), count(TrailLine, TrailLine.action == "pledges.sign")) == (1, 1, 1)
    assert db.session.scalars(select(NumberSeries.last)).all() == [1]


def test_one_code_on_two_machines_signs_once(house: Flask, cast: Cast, now: datetime) -> None:
    shop = ways.a_shop(now)
    issued = ways.a_code(shop, by=cast["staff"], now=now)
    readies = []
    for number in range(PRESSES):
        machine = ways.a_machine(now, name=f"{number} 号机")
        journey = kiosk.start_journey(issued.digits, by=machine, now=now)
        assert isinstance(journey, Journey)
        for step, to, draft in (
            (CHECK, READ, {"shop_version": shop.version}), (READ, WHO, {"template": 1}), (WHO, SIGN, {}),
        ):  # fmt: skip
            kiosk.move(journey, at=step, to=to, now=now, draft=draft)
        readies.append((services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now), machine))
    answers = at_once(house, lambda n: services.sign(readies[n][0], by=readies[n][1], now=now).number)
    assert answers.count(Refused) == PRESSES - 1
    assert (count(Pledge), count(Paper)) == (1, 1)


def unguarded(ready: Ready, seen: Barrier, now: datetime) -> str:
    """Signing as one writes it first: look whether there is one, then put one in."""
    writing.set(False)
    found = db.session.scalar(
        select(Pledge.id).where(Pledge.tenure_id == ready.tenure_id, Pledge.state == PledgeState.LIVE)
    )
    db.session.rollback()
    writing.set(True)
    seen.wait()
    if found is not None:
        raise Refused("已经签过")
    sheet = papers.next_number("无守", now=now)
    register = papers.register(
        kind="pledge", number=sheet, subject="tenure:1", evidence=ready.paper, valid_from=ready.term[0],
        valid_until=ready.term[1], standing=Standing.VALID, by=Actor("system", None, "试"), now=now,
    )  # fmt: skip
    pledge = signing._pledge(ready, number=sheet, paper_id=register.id, evidence_sha=register.evidence_sha, now=now)
    pledge.key, pledge.code_id, pledge.journey_id = sheet, None, None
    db.session.add(pledge)
    db.session.flush()
    return sheet


@pytest.mark.parametrize("guarded", [True, False], ids=["one live pledge a tenure", "negative control"])
def test_one_live_pledge_a_tenure(house: Flask, cast: Cast, now: datetime, guarded: bool) -> None:
    """The partial UNIQUE index is the last guard: where it is dropped, a check before an insert signs ten times."""
    ready, _machine = ready_at_the_glass(cast, now)
    db.session.commit()
    if not guarded:
        db.session.execute(text("DROP INDEX uq_pledges_pledges_open"))
    seen = Barrier(PRESSES)
    answers = at_once(house, lambda _n: unguarded(ready, seen, now))
    assert count(Pledge) == (1 if guarded else PRESSES)
    assert answers.count(IntegrityError) == (PRESSES - 1 if guarded else 0)


def test_a_change_of_operator_waits_for_a_signing_and_ends_it(house: Flask, cast: Cast, now: datetime) -> None:
    """The operator changes while a signing is being written: no paper stays 有效 on a tenure that has ended."""
    ready, machine = ready_at_the_glass(cast, now)
    db.session.commit()
    db.session.remove()
    written = Event()

    def signing_or_change(number: int) -> None:
        if number == 0:
            services.sign(ready, by=machine, now=now)
            written.set()
            sleep(0.5)  # the commit is on its way
            return
        assert written.wait(10)
        shop = db.session.get_one(Shop, ready.shop_id)
        change_operator(
            shop, operator="王小英", responsible="", phone=None, on=now.date(), reason="转让", version=shop.version,
            by=cast["staff"], now=now,
        )  # fmt: skip

    assert at_once(house, signing_or_change, 2) == [None, None]
    tenure = db.session.get_one(Tenure, ready.tenure_id)
    standings = [one.standing for one in db.session.scalars(select(Paper))]
    assert (tenure.until_on, standings) == (now.date(), [Standing.ENDED])


def test_two_clerks_enter_the_same_sheet(house: Flask, cast: Cast, now: datetime) -> None:
    """One sheet waits, the others are told so in a sentence: the partial UNIQUE index is no fault to them."""
    tenure_id = db.session.scalar(select(Tenure.id).where(Tenure.shop_id == ways.a_shop(now).id))
    sheet = services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1)

    def enter(_number: int) -> int:
        return services.enter(db.session.get_one(Tenure, tenure_id), sheet, by=cast["staff"], now=now).id

    answers = at_once(house, enter)
    assert answers.count(Refused) == PRESSES - 1
    assert (count(Pledge), count(Paper)) == (1, 1)


def die_at(step: int, deed: Callable[[], None]) -> int:
    """Do a deed in a child that is killed before its statement number `step` (the commit counts as one).

    Returns -9 when it died, 0 when it came through.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            engine = db.engine
            engine.dispose(close=False)
            db.session.registry.clear()
            reached = iter(range(10_000))

            def tick(*_: Any) -> None:
                if next(reached) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(engine, "before_cursor_execute", tick)
            event.listen(engine, "commit", tick)
            deed()
            status = 0
        finally:
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def test_i11_a_process_killed_at_any_statement_leaves_nothing_half(house: Flask, cast: Cast, now: datetime) -> None:
    ready, machine = ready_at_the_glass(cast, now)
    db.session.commit()
    before = count(TrailLine)
    db.session.remove()

    def sign() -> None:
        writing.set(True)
        services.sign(ready, by=machine, now=now)
        db.session.commit()

    for step in range(100):
        ended = die_at(step, sign)
        halves = count(Pledge), count(Paper), count(NumberSeries), count(Code, Code.used_at.is_not(None))
        trail, at = count(TrailLine) - before, db.session.scalar(select(Journey.step))
        db.session.remove()
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert (halves, trail, at) == ((0, 0, 0, 0), 0, SIGN), f"killed at statement {step}"
    assert step > 10, "signing has more statements than that"
    assert (halves, trail, at) == ((1, 1, 1, 1), 3, SIGN + 1)
    with a_worker(house):  # the machine comes back and presses again
        assert services.sign(ready, by=machine, now=now).number == "桂三包〔2026〕第0001号"
