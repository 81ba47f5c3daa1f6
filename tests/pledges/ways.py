"""Ways to a signed pledge, as plain functions: a shop, a machine, a code, a journey at step 5, a signature."""

import math
from datetime import date, datetime
from typing import Any

from portal.ground.actor import EVERYWHERE, NOWHERE, SYSTEM, Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.kiosk import services as kiosk
from portal.kiosk.models import Device, Journey
from portal.kiosk.terms import CHECK, READ, SIGN, WHO, DeviceKind
from portal.merchants import services as merchants
from portal.merchants.models import Shop
from portal.merchants.queries import current_tenure, tree
from portal.merchants.terms import ShopFacts, Trade
from portal.pledges import services
from portal.pledges.models import Pledge
from portal.pledges.queries import template_in_force
from portal.pledges.terms import Proof, Signer

KEEPER = Actor("person", None, "建档（演示）", reaches={Can.MERCHANTS_EDIT: EVERYWHERE, Can.MERCHANTS_READ: EVERYWHERE})


def ink(width: float = 240.0, height: float = 90.0, points: int = 60) -> list[list[list[float]]]:
    """Two waves: strokes that any rule takes for a signature."""

    def wave(turn: float) -> list[list[float]]:
        return [
            [round(10 + width * n / points, 1), round(10 + height * (1 + math.sin(turn + n / 4)) / 2, 1), n * 8]
            for n in range(points)
        ]  # fmt: skip

    return [wave(0.0), wave(2.0)]


_count = iter(range(1, 1_000_000))


def a_shop(now: datetime, *, grid: str = "MY-01", **but: Any) -> Shop:
    """A shop with an operator, in a grid."""
    places, number = tree(), next(_count)
    facts = {
        "sign_name": f"阿婆豆花{number}", "trade": Trade.FOOD, "street": "桂花巷", "door_no": f"{number} 号",
        "grid_id": places.by_code[grid].id, "operator_name": "何桂兰", "operator_from": date(2026, 1, 5),
        "responsible_name": "何桂兰", "phone": "13812345678", "frontage_cm": 640, "depth_cm": 300,
        "bounds_east": "明月路16号墙界", "bounds_north": "本店外墙", "unlicensed": True,
    } | but  # fmt: skip
    shop = merchants.create(ShopFacts(**facts), tree=places, by=KEEPER, now=now)
    db.session.flush()
    return shop


def a_machine(
    now: datetime, *, name: str = "大厅一号机", kind: DeviceKind = DeviceKind.HALL, area_id: int = 1
) -> Actor:
    """An enrolled machine, as an actor."""
    device: Device = kiosk.add_device(
        name=name, kind=kind, area_id=area_id, staff_at="2 号窗口", staff_phone="", by=SYSTEM, now=now
    )
    db.session.flush()
    return Actor("device", device.id, device.name, reaches={Can.KIOSK_SIGN: NOWHERE})


def a_code(shop: Shop, *, by: Actor, now: datetime, **but: Any) -> services.IssuedCode:
    """A code, after a look at papers."""
    facts = {"identity_checked": True, "signer": Signer.OWNER, "signer_name": None, "proof": Proof.LICENCE} | but
    return services.issue_code(shop, by=by, now=now, **facts)


def at_the_glass(shop: Shop, machine: Actor, *, by: Actor, now: datetime, **but: Any) -> Journey:
    """A journey at step 5."""
    issued = a_code(shop, by=by, now=now, **but)
    journey = kiosk.start_journey(issued.digits, by=machine, now=now)
    assert isinstance(journey, Journey)
    template = template_in_force(now.date())
    assert template is not None
    for step, to, draft in (
        (CHECK, READ, {"shop_version": shop.version}), (READ, WHO, {"template": template.version}), (WHO, SIGN, {}),
    ):  # fmt: skip
        assert kiosk.move(journey, at=step, to=to, now=now, draft=draft)
    return journey


def signed(shop: Shop, machine: Actor, *, by: Actor, now: datetime, **but: Any) -> Pledge:
    """A pledge, signed at a machine that is then free again."""
    journey = at_the_glass(shop, machine, by=by, now=now, **but)
    ready = services.prepare(journey, strokes=ink(), trail_at=None, now=now)
    pledge = services.sign(ready, by=machine, now=now)
    kiosk.end_journey(by=machine, now=now)
    return pledge


def on_paper(shop: Shop, *, by: Actor, now: datetime) -> Pledge:
    """A pledge on paper that waits for 甲方."""
    tenure = current_tenure(shop.id)
    assert tenure is not None
    return services.enter(tenure, services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1), by=by, now=now)


def handed_on(shop: Shop, *, at: datetime, operator: str = "何春") -> None:
    """Another operator, registered at an hour."""
    merchants.change_operator(
        shop, operator=operator, responsible=operator, phone=None, on=at.date(), reason="", version=shop.version,
        by=KEEPER, now=at,
    )  # fmt: skip
    db.session.flush()
