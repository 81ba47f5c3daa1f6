"""What kiosk tests stand on: an enrolled machine, a shop with its tenure, a signing code."""

from datetime import date, datetime

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.areas.models import Area
from portal.ground.actor import NOWHERE, Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.kiosk import services
from portal.kiosk.models import Device
from portal.kiosk.terms import DeviceKind
from portal.merchants.models import Shop, Tenure
from portal.merchants.terms import Trade
from portal.pledges import services as pledges
from portal.pledges.terms import Proof, Signer


def person(login: str, now: datetime) -> Actor:
    """Somebody of the cast as actor."""
    return accounts.actor_of(db.session.scalars(accounts.by_login(login)).one(), on=now.date(), address="127.0.0.1")


def authority_of(actor: Actor, now: datetime) -> int:
    """The id of the authority under which somebody of the cast confirms in MY-01."""
    area = db.session.scalars(select(Area).where(Area.code == "MY-01")).one()
    granted = accounts.authority(actor.id or 0, area=area, on=now.date())
    assert granted is not None
    return granted.id


def a_device(now: datetime, name: str = "大厅一号机", kind: DeviceKind = DeviceKind.HALL) -> tuple[Device, str]:
    """An enrolled machine and its token."""
    by = person("admin", now)
    area = db.session.scalars(select(Area).where(Area.code == "MY")).one()
    device = services.add_device(
        name=name, kind=kind, area_id=area.id, staff_at="进门左手 2 号窗口", staff_phone="023-74512345", by=by, now=now
    )
    digits = services.issue_enrolment(device, by=by, now=now)
    enrolled = services.enrol(digits, address="127.0.0.1", now=now)
    assert enrolled is not None
    return enrolled


def device_actor(device: Device) -> Actor:
    """The machine as actor, as the door makes it."""
    return Actor("device", device.id, device.name, device.kind.label, {Can.KIOSK_SIGN: NOWHERE}, "127.0.0.1")


def a_code(now: datetime, subject: str = "tenure:17", login: str = "staff") -> str:
    """Six digits for a subject, issued by the community's member of staff."""
    by = person(login, now)
    return services.issue_code(subject=subject, authority_id=authority_of(by, now), by=by, now=now)


def a_shop(now: datetime, number: str = "GX-MY-0142", name: str = "阿婆豆花") -> Shop:
    """A shop with a current operator, in MY-01."""
    grid = db.session.scalars(select(Area).where(Area.code == "MY-01")).one()
    shop = Shop(
        number=number, sign_name=name, trade=next(iter(Trade)), street="明月大道", door_no="128 号",
        address_key=f"明月大道{number}", community_id=grid.parent_id, grid_id=grid.id, frontage_cm=600, depth_cm=300,
        responsible_name="王小英", bounds_east="人行道边", created_at=now, created_by="周敏（演示）", updated_at=now,
        updated_by="周敏（演示）",
    )  # fmt: skip
    shop.phone = "13812345678"
    db.session.add(shop)
    db.session.flush()
    db.session.add(Tenure(shop_id=shop.id, operator_name="王小英", from_on=date(2026, 1, 1), opened_by="周敏（演示）"))
    db.session.flush()
    return shop


def a_signing_code(shop: Shop, now: datetime) -> str:
    """Six digits for a shop, after the identity check."""
    return pledges.issue_code(
        shop, identity_checked=True, signer=Signer.OWNER, signer_name=None, proof=Proof.LICENCE,
        by=person("staff", now), now=now,
    ).digits  # fmt: skip
