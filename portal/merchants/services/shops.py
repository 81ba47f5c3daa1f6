"""The shop's own file: entered, edited, its state changed, its telephone seen."""

from dataclasses import replace
from datetime import datetime

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sealed import looked_at
from portal.merchants import rules
from portal.merchants.models import Shop, ShopEvent, ShopWords, Tenure
from portal.merchants.queries import Tree, current_tenure
from portal.merchants.services.numbers import next_number
from portal.merchants.services.tenures import end_tenure
from portal.merchants.terms import EDITABLE, FIELDS, NOT_OWING, STALE, EventKind, ShopFacts, ShopState, search_text

#: What a shop's words are made of: making them costs more than all else that an edit does.
FOUND_BY = frozenset({"sign_name", "licence_name", "street", "door_no"})


def build(
    facts: ShopFacts, *, number: str, tree: Tree, by: Actor, now: datetime, kind: EventKind = EventKind.CREATED
) -> Shop:
    """Make a shop with its first tenure and its first line, and put it into the session."""
    shop = Shop(number=number, state=facts.state, created_at=now, created_by=by.name)
    _put(shop, _completed(facts), tree=tree, by=by, now=now)
    if facts.operator_name:
        since = facts.operator_from or now.date()
        shop.tenures.append(Tenure(operator_name=facts.operator_name, from_on=since, opened_by=by.name))
    db.session.add_all([shop, ShopEvent(shop=shop, at=now, kind=kind, title=kind.label, by=by.name)])
    return shop


def create(facts: ShopFacts, *, tree: Tree, by: Actor, now: datetime) -> Shop:
    """Enter a shop: its number is the next of its community."""
    if facts.operator_from and facts.operator_from > now.date():
        raise Refused("经营开始日期还没到", field="operator_from")
    shop = build(facts, number=next_number(facts.grid_id, tree), tree=tree, by=by, now=now)
    db.session.flush()
    record("merchants.create", f"shop:{shop.id}", by=by, now=now, number=shop.number)
    return shop


def edit(
    shop: Shop, facts: ShopFacts, *, version: int, tree: Tree, by: Actor, now: datetime, noted: bool = True
) -> list[str]:
    """Change what the file says (not its operator, not its state); return the names of the fields that changed.

    `version` is the one that the form showed; another is refused. Nothing different changes nothing. Not `noted`, it is
    one of a sheet's many: the sheet's line of the trail says it, and they are flushed together.
    """
    if shop.version != version:
        raise Refused(STALE)
    facts = _completed(facts)
    changed = rules.changed_fields({name: looked_at(shop, name) for name in EDITABLE}, as_edited(facts))
    if not changed:
        return []
    _put(shop, facts, tree=tree, by=by, now=now)
    words = "、".join(FIELDS[name] for name in changed)
    tell(shop, EventKind.EDITED, "修改资料", f"改了{words}", by=by, now=now)
    if noted:
        record("merchants.edit", f"shop:{shop.id}", by=by, now=now, number=shop.number, fields=changed)
        db.session.flush()
    return changed


def change_state(
    shop: Shop, state: ShopState, *, reason: str, left: bool, version: int, by: Actor, now: datetime
) -> None:
    """Change 营业状态; `left` says that the operator has gone, which ends the tenure."""
    if shop.version != version:
        raise Refused(STALE)
    if shop.state is state and not left:
        raise Refused(f"现在就是“{state.label}”，不用再改", field="state")
    note = f"{reason}；经营者已搬走" if left else reason
    before = put_state(shop, state, note=note, by=by, now=now)
    if left and (tenure := current_tenure(shop.id)) is not None:
        end_tenure(tenure, on=now.date(), reason=reason, by=by, now=now)
    record(
        "merchants.state", f"shop:{shop.id}", by=by, now=now,
        number=shop.number, before=before.value, after=state.value, left=left,
    )  # fmt: skip
    db.session.flush()


def put_state(shop: Shop, state: ShopState, *, note: str, by: Actor, now: datetime) -> ShopState:
    """Set the state with its dated line; return the one before."""
    before, shop.state = shop.state, state
    _sign(shop, by, now)
    tell(shop, EventKind.STATE, f"{before.label} → {state.label}", note, by=by, now=now)
    return before


def reveal(shop: Shop, *, of: str, reason: str, by: Actor, now: datetime) -> tuple[str, str]:
    """Return the whole name and telephone, and write who saw it and why (SEC-7). `of`: responsible or landlord."""
    name, phone = (shop.landlord_name, shop.landlord_phone) if of == "landlord" else (shop.responsible_name, shop.phone)
    if not phone and not name:
        raise Refused("没有登记电话")
    record("merchants.reveal", f"shop:{shop.id}", by=by, now=now, number=shop.number, of=of, reason=reason)
    return name, phone or ""


def note_print(shop: Shop, *, by: Actor, now: datetime) -> None:
    """Write down who prints a shop's file (rules 6, Audit)."""
    record("merchants.print", f"shop:{shop.id}", by=by, now=now, number=shop.number)


def as_edited(facts: ShopFacts) -> dict[str, object]:
    """The values that an edit puts on the shop."""
    return {name: getattr(facts, name) for name in EDITABLE}


def tell(shop: Shop, kind: EventKind, title: str, text: str = "", *, by: Actor, now: datetime) -> None:
    """Add a line to the shop's timeline."""
    db.session.add(ShopEvent(shop_id=shop.id, at=now, kind=kind, title=title, text=text[:300], by=by.name))


def _completed(facts: ShopFacts) -> ShopFacts:
    """Whoever trades answers for the front, unless somebody else is named."""
    if not facts.responsible_name and facts.operator_name and facts.state not in NOT_OWING:
        return replace(facts, responsible_name=facts.operator_name)
    return facts


def _put(shop: Shop, facts: ShopFacts, *, tree: Tree, by: Actor, now: datetime) -> None:
    """Set what differs in one flush, so that an edit counts the version once."""
    changed = [name for name in EDITABLE if looked_at(shop, name) != getattr(facts, name)]
    for name in changed:
        setattr(shop, name, getattr(facts, name))
    shop.community_id = tree.community_of(facts.grid_id).id
    shop.address_key = rules.address_key(facts.street, facts.door_no)
    if not FOUND_BY.isdisjoint(changed):
        _put_words(shop, facts)
    _sign(shop, by, now)


def _put_words(shop: Shop, facts: ShopFacts) -> None:
    with db.session.no_autoflush:
        words = shop.words
    text = search_text(
        sign_name=facts.sign_name, licence_name=facts.licence_name, number=shop.number, address=shop.address
    )
    if words is None:
        shop.words = ShopWords(text=text)
    elif words.text != text:
        words.text = text


def _sign(shop: Shop, by: Actor, now: datetime) -> None:
    shop.updated_at, shop.updated_by = now, by.name
