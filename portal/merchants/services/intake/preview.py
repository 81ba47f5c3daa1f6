"""A dry run: what a sheet would do to the shop files, row by row, before anything is written (rules 10, Sheets in).

The same reading is made again when the clerk confirms; what the preview showed is compared by digest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.fields.masks import masked_name, masked_telephone
from portal.ground.fields.pinyin import search_keys
from portal.ground.sealed import looked_at, sealer
from portal.ground.sheets import dry
from portal.ground.sheets.check import Fault, RowResult
from portal.ground.sheets.columns import Matching
from portal.ground.sheets.dry import Opened, fault_at
from portal.ground.sheets.masked import Masked
from portal.merchants import rules
from portal.merchants.models import Shop
from portal.merchants.queries.reach import Tree, within
from portal.merchants.services.intake.columns import columns
from portal.merchants.services.intake.places import resolve
from portal.merchants.services.intake.plan import Answers, Entry, Preview, current, facts_of
from portal.merchants.terms import EDITABLE, FIELDS, IMPORT_MOST, NOT_OWING, ShopFacts, ShopState

WIDE_CM = 3000
_MASK = {"phone": masked_telephone, "landlord_phone": masked_telephone}


def preview(
    data: bytes, name: str, answers: Answers, *, actor: Actor, tree: Tree, today: date,
    missing: Callable[[str], list[str]],
) -> Preview:  # fmt: skip
    """Read the sheet and say what it would do. `Misfit` when it cannot be read as a sheet of shops."""
    return weigh(open_sheet(data, name, answers, missing=missing), actor=actor, tree=tree, today=today)


def open_sheet(data: bytes, name: str, answers: Answers, *, missing: Callable[[str], list[str]]) -> Opened[Preview]:
    """Read the sheet, cell by cell; slow, and asks no database."""
    specs = columns(missing=missing)
    return dry.open_sheet(Preview(answers), data, name, specs, most=IMPORT_MOST, unique=("number",))


def read_names(opened: Opened[Preview]) -> None:
    """Read names that no file has yet in pinyin, with nothing locked: a millisecond each; the entry finds them kept."""
    known = set(db.session.scalars(select(Shop.sign_name)))
    for result in opened.results:
        if (name := result.values.get("sign_name")) and name not in known:
            search_keys(name)


def weigh(opened: Opened[Preview], *, actor: Actor, tree: Tree, today: date) -> Preview:
    """Say what an opened sheet would do."""
    if not opened.found.problems:
        _Reader(opened.found, opened.matching, actor, tree, today).take(opened.results)
    return opened.found


class _Reader:
    """Turns checked rows into entries: places, doubts, the shops that they are of."""

    def __init__(self, found: Preview, matching: Matching, actor: Actor, tree: Tree, today: date):
        self.found, self.matching, self.actor, self.tree, self.today = found, matching, actor, tree, today
        self.seen: dict[tuple[str, str], int] = {}

    def take(self, results: list[RowResult]) -> None:
        known = _Known(results, self.actor)
        for result in results:
            values, faults = dict(result.values), list(result.faults)
            self._place(values, result.number, faults)
            shop = known.exact(values)
            self._doubts(values, result.number, shop, faults)
            if not faults:
                self._unmask(values, result.number, shop, faults)
            if not faults:
                self._entry(values, result.number, shop, known, faults)
            self.found.blame(result.number, faults)

    def _fault(self, row: int, key: str, shown: object, why: str, cure: str | None = None) -> Fault:
        return fault_at(self.matching, row, key, shown, why, cure, heading=FIELDS.get(key, ""))

    def _place(self, values: dict[str, Any], row: int, faults: list[Fault]) -> None:
        """社区 and 网格 → the grid's row id, within the clerk's reach."""
        community, grid = values.pop("community", None), values.pop("grid", None)
        if grid is None:
            return
        try:
            values["grid_id"] = resolve(community, grid, tree=self.tree, actor=self.actor)
        except ValueError as error:
            key, cure = getattr(error, "key", "grid"), getattr(error, "cure", None)
            faults.append(self._fault(row, key, community if key == "community" else grid, str(error), cure))

    def _doubts(self, values: dict[str, Any], row: int, shop: Shop | None, faults: list[Fault]) -> None:
        """What can be read and cannot be right; what looks odd is taken when it is typed again."""
        number, state = values.get("number"), values.get("state") or (shop.state if shop else ShopState.OPEN)
        if number and shop is None:
            faults.append(self._fault(row, "number", number, "没有这个编号，或不在您的管辖范围；新店把编号空着"))
        wide = values.get("frontage_cm")
        at = self._fault(row, "frontage_cm", f"{(wide or 0) / 100:g}", "")
        if (
            wide
            and wide >= WIDE_CM
            and not (shop and shop.frontage_cm == wide)
            and at.address not in self.found.answers.cells
        ):
            likely = f"{wide / 1000:g}"
            faults.append(
                replace(at, why=f"门面宽 {wide / 100:g} 米少见，是不是 {likely}？没写错就再填一遍", cure=likely)
            )
        since = values.get("operator_from")
        if since and since > self.today:
            faults.append(self._fault(row, "operator_from", since, "经营开始日期还没到"))
        if shop is None and not values.get("operator_name") and state not in NOT_OWING:
            why = "没填经营者；空着的铺面把营业状态填成“空置”"
            faults.append(self._fault(row, "operator_name", None, why))

    def _unmask(self, values: dict[str, Any], row: int, shop: Shop | None, faults: list[Fault]) -> None:
        """A mask that is of what is registered stands for it; any other one is refused."""
        tenure = current(shop)
        for key in ("operator_name", "responsible_name", "landlord_name", "phone", "landlord_phone"):
            value = values.get(key)
            if not isinstance(value, Masked):
                continue
            kept = (tenure.operator_name if tenure else "") if key == "operator_name" else shop and looked_at(shop, key)
            if kept and _MASK.get(key, masked_name)(kept) == value.text:
                values[key] = kept
            else:
                faults.append(self._fault(row, key, value.text, "这是打码的内容，与档案对不上，请填完整"))

    def _entry(self, values: dict[str, Any], row: int, shop: Shop | None, known: "_Known", faults: list[Fault]) -> None:
        key = _identity(values)
        first = self.seen.setdefault(key, row)
        if first != row:
            faults.append(
                self._fault(
                    row, "sign_name", values["sign_name"], f"与第 {first} 行是同一家（店名和地址相同），可跳过此行"
                )
            )
            return
        answer = self.found.answers.twins.get(str(row), "")
        twins = [] if shop or answer == "new" else known.twins(values)
        if answer.isdigit() and (same := next((one for one, _why in twins if one.id == int(answer)), None)):
            shop, twins = same, []
        entry = Entry(row, _facts(values, shop), shop, current(shop), twins=twins)
        if shop is not None:
            self._compare(entry, values)
        self.found.entries.append(entry)

    def _compare(self, entry: Entry, values: dict[str, Any]) -> None:
        shop = entry.shop
        assert shop is not None
        kept = self.found.answers.kept.get(str(entry.row), [])
        before = facts_of(shop)
        entry.facts = replace(entry.facts, **{name: getattr(before, name) for name in kept if name in EDITABLE})
        entry.changed = [
            n for n in FIELDS if n in (*EDITABLE, "state") and getattr(before, n) != getattr(entry.facts, n)
        ]
        operator, tenure = entry.facts.operator_name, entry.tenure
        if operator and operator != (tenure.operator_name if tenure else "") and "operator_name" not in kept:
            entry.operator = operator
        elif tenure and (since := values.get("operator_from")) and since != tenure.from_on:
            self.found.moot_dates += 1


class _Known:
    """The shops that the rows of a sheet may be of, read in a few queries."""

    def __init__(self, results: Iterable[RowResult], actor: Actor):
        wanted: dict[str, set[str]] = {"number": set(), "address_key": set(), "uscc": set(), "phone_index": set()}
        for result in results:
            for name, value in _keys(result.values).items():
                if value:
                    wanted[name].add(value)
        self.shops = {shop.id: shop for shop in _matching(wanted)}
        self.reached = set(_reached(self.shops, actor))
        self.by_number = {shop.number: shop for shop in self.shops.values()}
        self.by: dict[str, dict[str, list[Shop]]] = {name: {} for name in wanted}
        for shop in self.shops.values():
            for name in ("address_key", "uscc", "phone_index"):
                if value := getattr(shop, name):
                    self.by[name].setdefault(value, []).append(shop)

    def exact(self, values: Mapping[str, Any]) -> Shop | None:
        """The shop that a row is of beyond doubt: by its number, or by name and address together."""
        if number := values.get("number"):
            shop = self.by_number.get(number)
            return shop if shop and shop.id in self.reached else None
        same = [
            shop
            for shop in self.by["address_key"].get(_keys(values)["address_key"] or "", [])
            if shop.sign_name == values.get("sign_name") and shop.id in self.reached
        ]
        return same[0] if len(same) == 1 else None

    def twins(self, values: Mapping[str, Any]) -> list[tuple[Shop, str]]:
        """Shops that may be the same one, with the reason."""
        mine = {**_keys(values), "sign_name": values["sign_name"]}
        near = {
            s.id: s for name in ("address_key", "uscc", "phone_index") for s in self.by[name].get(mine[name] or "", [])
        }
        found = [(shop, rules.same_shop(mine, vars(shop))) for shop in near.values() if shop.id in self.reached]
        return [(shop, why) for shop, why in found if why]


def _keys(values: Mapping[str, Any]) -> dict[str, str | None]:
    street, door, phone = values.get("street"), values.get("door_no"), values.get("phone")
    licence = values.get("licence")
    where = Shop.phone.where(Shop)
    return {
        "number": values.get("number"),
        "address_key": rules.address_key(street, door) if street and door else None,
        "uscc": licence[0] if licence else None,
        "phone_index": sealer().index(phone, where) if isinstance(phone, str) else None,
    }


def _identity(values: Mapping[str, Any]) -> tuple[str, str]:
    return values["sign_name"], rules.address_key(values["street"], values["door_no"])


def _matching(wanted: Mapping[str, set[str]]) -> Iterable[Shop]:
    for name, values in wanted.items():
        listed = sorted(values)
        for start in range(0, len(listed), 500):
            yield from db.session.scalars(
                select(Shop)
                .where(getattr(Shop, name).in_(listed[start : start + 500]))
                .options(joinedload(Shop.tenures))
            ).unique()


def _reached(ids: Iterable[int], actor: Actor) -> list[int]:
    listed = sorted(ids)
    found: list[int] = []
    for start in range(0, len(listed), 500):
        part = listed[start : start + 500]
        reach = within(actor, Can.MERCHANTS_IMPORT)
        found += db.session.scalars(select(Shop.id).where(reach, Shop.id.in_(part))).all()
    return found


def _facts(values: Mapping[str, Any], shop: Shop | None) -> ShopFacts:
    """A row's facts: an empty cell and a column that the sheet does not have leave the file as it is."""
    said = {key: value for key, value in values.items() if value is not None and key not in ("number", "licence")}
    if licence := values.get("licence"):
        said["uscc"], said["unlicensed"] = licence
    if shop is not None:
        return replace(facts_of(shop), **said)
    return ShopFacts(**said)
