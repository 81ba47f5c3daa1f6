"""The demonstration's signed pledges: 400 of them, of every state, signed through the same services as real ones.

Signatures are made up: strokes as a hand draws them, of no person's name. Papers are made on demand or by the sweep.
"""

import itertools
import math
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Authority, Person
from portal.accounts.queries import actor_of
from portal.areas.models import Area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.kiosk import services as kiosk
from portal.kiosk.models import Device, Journey
from portal.kiosk.terms import CHECK, READ, SIGN, WHO, DeviceKind
from portal.merchants.models import Shop, Tenure
from portal.merchants.terms import NOT_OWING
from portal.pledges import services
from portal.pledges.models import Pledge
from portal.pledges.queries import template_in_force
from portal.pledges.terms import PROOFS, Proof, Signer

#: How many of each: signed at a machine, on paper and confirmed (some near their end, some past it), still waiting.
AT_A_MACHINE, ON_PAPER, SOON, LAPSED, WAITING, RENEWED, VOID = 310, 20, 16, 10, 14, 8, 2

#: Strokes of the brush in a box of 100: heng, shu, pie, na, dian, zhe, gou.
STROKES = (
    ((5, 48), (50, 44), (95, 46)),
    ((50, 4), (49, 55), (51, 97)),
    ((62, 6), (48, 50), (8, 92)),
    ((40, 20), (62, 60), (96, 90)),
    ((44, 30), (54, 44), (56, 54)),
    ((12, 16), (86, 14), (82, 20), (76, 84)),
    ((50, 6), (52, 88), (40, 80), (34, 74)),
)


def signature(random: Random, characters: int) -> list[list[list[float]]]:
    """Return strokes like those of a name of so many characters: [[x, y, t], …] on a pad 900 × 300."""
    size = min(230.0, 780.0 / characters)
    strokes: list[list[list[float]]] = []
    clock = 0.0
    for place in range(characters):
        left, top = 40 + place * size * 1.04, 40 + random.uniform(-8, 8)
        for shape in random.sample(STROKES, random.randint(4, 6)):
            scale, dx, dy = random.uniform(0.45, 0.95) * size / 100, random.uniform(0, 25), random.uniform(0, 25)
            corners = [(left + (x + dx) * scale, top + (y + dy) * scale) for x, y in shape]
            stroke, clock = _drawn(random, corners, clock)
            strokes.append(stroke)
            clock += random.uniform(60, 180)
        clock += random.uniform(120, 260)
    return strokes


def _drawn(random: Random, corners: list[tuple[float, float]], clock: float) -> tuple[list[list[float]], float]:
    """A stroke through its corners, as a screen reports it: about 120 points a second, slow at both ends."""
    points = []
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        steps = max(4, int(math.dist((x0, y0), (x1, y1)) / 7))
        bend = random.uniform(-5, 5)
        for step in range(steps):
            part = (1 - math.cos(math.pi * step / steps)) / 2
            sway = bend * math.sin(math.pi * part)
            points.append(
                [round(x0 + (x1 - x0) * part + sway, 1), round(y0 + (y1 - y0) * part - sway, 1), round(clock)]
            )
            clock += 8.3
    points.append([round(corners[-1][0], 1), round(corners[-1][1], 1), round(clock)])
    return points, clock


def build(ctx: Any) -> None:
    """Sign the demonstration's pledges, the oldest first; `ctx` gives `now` and `random`."""
    office = _Office(ctx)
    shops = list(db.session.scalars(select(Shop).where(Shop.state.not_in(NOT_OWING)).order_by(Shop.id)))
    ctx.random.shuffle(shops)
    tenures = {t.shop_id: t for t in db.session.scalars(select(Tenure).where(Tenure.until_on.is_(None)))}
    ended = list(db.session.scalars(select(Tenure).where(Tenure.until_on.is_not(None)).order_by(Tenure.id)))
    queue = [tenures[shop.id] for shop in shops if shop.id in tenures]
    take = iter(queue)
    plan: list[tuple[datetime, str, Tenure]] = []
    for what, count, oldest, newest in (
        ("lapsed", LAPSED, 420, 372), ("soon", SOON, 362, 338), ("paper", ON_PAPER, 330, 60),
        ("waiting", WAITING, 6, 1), ("machine", AT_A_MACHINE, 200, 0), ("renewed", RENEWED, 350, 250),
    ):  # fmt: skip
        plan += [(office.day(oldest, newest), what, tenure) for _, tenure in zip(range(count), take, strict=False)]
    plan += [(office.ends(tenure), "ended", tenure) for tenure in ended]
    for at, what, tenure in sorted(plan, key=lambda one: (one[0], one[2].id)):
        office.sign(what, tenure, at)
        db.session.commit()
    office.void(VOID)
    services.settle(by=ctx.by, now=ctx.now)


class _Office:
    """Staff with their authorities, the machines, and the ways in which a pledge comes about."""

    def __init__(self, ctx: Any):
        self.now: datetime = ctx.now
        self.random: Random = ctx.random
        self.devices = list(db.session.scalars(select(Device).where(Device.retired_at.is_(None)).order_by(Device.id)))
        self.areas = {area.id: area for area in db.session.scalars(select(Area))}
        self.people: dict[int, list[Authority]] = {}
        for granted in db.session.scalars(select(Authority).where(Authority.key == Can.PLEDGES_CONFIRM.value)):
            self.people.setdefault(granted.area_id, []).append(granted)
        self.root = next(area.id for area in self.areas.values() if area.parent_id is None)
        if not self.devices:
            self.devices = [self._machine(ctx.by)]

    def _machine(self, by: Actor) -> Device:
        return kiosk.add_device(
            name="大厅一号机（演示）", kind=DeviceKind.HALL, area_id=self.root, staff_at="大厅 2 号窗口",
            staff_phone="", by=by, now=self.now,
        )  # fmt: skip

    def day(self, oldest: int, newest: int) -> datetime:
        """An hour of work, so many days ago."""
        back = self.random.randint(newest, oldest)
        at = self.now - timedelta(days=back)
        clock = at.replace(hour=self.random.randint(9, 17), minute=self.random.randint(0, 59), second=11, microsecond=0)
        return min(clock, self.now - timedelta(minutes=self.random.randint(20, 90)))

    def ends(self, tenure: Tenure) -> datetime:
        """A day within a tenure that has ended, a while before its end."""
        end = tenure.until_on or self.now.date()
        on = max(tenure.from_on, end - timedelta(days=self.random.randint(40, 120)))
        return datetime(on.year, on.month, on.day, 10, 20, tzinfo=SHANGHAI)

    def staff(self, shop: Shop, on: date, *, but: int | None = None) -> Actor:
        """Somebody (but one) who may confirm in the shop's grid: its grid worker or its community's staff."""
        near = self.people.get(shop.grid_id, []) + self.people.get(shop.community_id, [])
        near = [one for one in near if one.person_id != but]
        granted = self.random.choice([one for one in near if one.from_on <= on] or near or self._anybody())
        return actor_of(db.session.get_one(Person, granted.person_id), on=self.now.date(), address="10.20.0.12")

    def _anybody(self) -> list[Authority]:
        return [one for several in self.people.values() for one in several]

    def who(self) -> tuple[Signer, Proof]:
        """Mostly the owner, now and then family or a clerk."""
        signer = self.random.choices(list(Signer), weights=(82, 12, 6))[0]
        return signer, self.random.choice(PROOFS[signer])

    def sign(self, what: str, tenure: Tenure, at: datetime) -> None:
        """Make one pledge come about as the plan says."""
        if what == "machine":
            self.at_a_machine(tenure, at)
            return
        pledge = self.on_paper(tenure, at)
        if what != "waiting":
            db.session.flush()
            other = self.staff(tenure.shop, self.now.date(), but=pledge.witness_id)
            services.confirm(pledge, by=other, now=min(at + timedelta(days=2), self.now))
        if what == "renewed":
            db.session.commit()
            self.at_a_machine(tenure, self.day(40, 1))

    def on_paper(self, tenure: Tenure, at: datetime) -> Pledge:
        """Signed with a pen, on a day on which the operator was there, and entered."""
        began = tenure.from_on
        at = max(at, datetime(began.year, began.month, began.day, 10, 20, tzinfo=SHANGHAI))
        signer, proof = self.who()
        template = template_in_force(self.now.date())
        if template is None:
            raise RuntimeError("no text is in force: sow the starting data first")
        sheet = services.Sheet(at.date(), signer, self.name(tenure, signer), proof, template.version)
        return services.enter(tenure, sheet, by=self.staff(tenure.shop, at.date()), now=at)

    def name(self, tenure: Tenure, signer: Signer) -> str:
        """The operator, or an invented relative or clerk with the mark that all demonstration people bear."""
        return tenure.operator_name if signer is Signer.OWNER else self.random.choice(("家属甲", "家属乙", "店员甲"))

    def at_a_machine(self, tenure: Tenure, at: datetime) -> None:
        """The way of every real signing: a code after a look at papers, the six steps, the signature."""
        shop, staff = tenure.shop, self.staff(tenure.shop, at.date())
        signer, proof = self.who()
        issued = services.issue_code(
            shop, identity_checked=True, signer=signer, signer_name=self.name(tenure, signer), proof=proof, by=staff,
            now=at,
        )  # fmt: skip
        device = self.random.choice([one for one in self.devices if one.area_id in (self.root, shop.community_id)])
        machine = Actor("device", device.id, device.name)
        journey = kiosk.start_journey(issued.digits, by=machine, now=at + timedelta(minutes=2))
        if not isinstance(journey, Journey):
            raise RuntimeError(f"a code that was just issued does not open: {journey}")
        version = services.proposal(journey.subject, on=at.date()).template.version
        for step, to, draft in (
            (CHECK, READ, {"shop_version": shop.version}), (READ, WHO, {"template": version}), (WHO, SIGN, {}),
        ):  # fmt: skip
            kiosk.move(journey, at=step, to=to, now=at + timedelta(minutes=3), draft=draft)
        strokes = signature(self.random, len(tenure.operator_name.split("（")[0]))
        then = at + timedelta(minutes=4)
        services.sign(services.prepare(journey, strokes=strokes, trail_at=None, now=then), by=machine, now=then)
        kiosk.end_journey(by=machine, now=then + timedelta(minutes=1))

    def void(self, count: int) -> None:
        """Two people void a few."""
        found = db.session.scalars(select(Pledge).where(Pledge.state == "live").order_by(Pledge.id.desc()).limit(count))
        for pledge in found.all():
            shop = pledge.shop
            people = [self.staff(shop, self.now.date()) for _ in range(20)]
            first = people[0]
            second = next((one for one in people if one.id != first.id), None)
            if second is None:
                continue
            services.ask_voiding(pledge, reason="店名登记错，已重新签订（演示）", by=first, now=self.now)
            services.answer_voiding(pledge.id, agreed=True, answer="", by=second, now=self.now)
