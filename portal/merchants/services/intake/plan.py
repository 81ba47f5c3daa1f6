"""What a sheet would do: the clerk's answers, an entry a row, and what still stands in the way."""

from dataclasses import dataclass, field, replace
from typing import Any

from portal.ground.fields.masks import masked_name, masked_telephone
from portal.ground.sealed import looked_at
from portal.ground.sheets import dry
from portal.merchants.models import Shop, Tenure
from portal.merchants.queries.reach import Tree
from portal.merchants.terms import EDITABLE, FIELDS, ShopFacts

MASKED_NUMBERS = ("phone", "landlord_phone")


@dataclass
class Answers(dry.Answers):
    """What the clerk has answered so far: also about rows that may be known, and about operators."""

    twins: dict[str, str] = field(default_factory=dict)  # row → "new", or the id of the shop that it is
    kept: dict[str, list[str]] = field(default_factory=dict)  # row → fields in which the file stays as it is
    operators: str = ""  # change | correct


@dataclass
class Entry:
    """What one row comes to: a new shop, a change of one, nothing, or a question."""

    row: int
    facts: ShopFacts
    shop: Shop | None = None
    tenure: Tenure | None = None
    changed: list[str] = field(default_factory=list)
    operator: str = ""  # the new operator's name where the sheet has another one
    twins: list[tuple[Shop, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What changes, in words."""
        return "、".join([FIELDS[name] for name in self.changed] + (["经营者"] if self.operator else []))

    @property
    def kind(self) -> str:
        """new, changed, same or twin."""
        if self.twins:
            return "twin"
        if self.shop is None:
            return "new"
        return "changed" if self.changed or self.operator else "same"


@dataclass
class Preview(dry.DryRun[Entry, Answers]):
    """The whole dry run."""

    moot_dates: int = 0

    @property
    def operators(self) -> list[Entry]:
        """Rows whose operator is another than the file's."""
        return [entry for entry in self.entries if entry.operator and entry.kind != "twin"]

    @property
    def asks(self) -> list[str]:
        """Rows that may be known, and other operators."""
        asks = [f"{count} 行要选"] if (count := len(self.of("twin"))) else []
        return [*asks, "经营者变动要选"] if self.operators and not self.answers.operators else asks

    def plan(self) -> list[Any]:
        """What would be done to which shop.

        A file that would change counts with its version: what a colleague wrote since the preview is looked at again.
        """
        version = {e.row: e.shop.version for e in self.of("changed") if e.shop}
        return [
            (e.row, e.kind, e.shop.id if e.shop else 0, version.get(e.row, 0), sorted(e.changed), e.operator)
            for e in self.entries
        ]


def current(shop: Shop | None) -> Tenure | None:
    """The shop's current tenure, from what has been read already."""
    return next((one for one in shop.tenures if one.until_on is None), None) if shop else None


def facts_of(shop: Shop) -> ShopFacts:
    """What the file says now, without its operator."""
    return ShopFacts(**{name: looked_at(shop, name) for name in (*EDITABLE, "state")})


def side_by_side(entry: Entry, shop: Shop, tree: Tree) -> list[tuple[str, str, str, bool]]:
    """A row beside the shop that it may be: (field, the file's words, the sheet's, alike)."""
    after, tenure = entry.facts, current(shop)
    before = replace(facts_of(shop), operator_name=tenure.operator_name if tenure else "")
    rows = []
    for name in FIELDS:
        if name in ("community", "operator_from", "unlicensed"):
            continue
        old, new = (_words(name, getattr(facts, name), tree) for facts in (before, after))
        if old or new:
            rows.append((name, old, new, old == new or not new))
    return rows


def _words(name: str, value: Any, tree: Tree) -> str:
    if value is None or value == "":
        return ""
    if name in ("operator_name", "responsible_name", "landlord_name"):
        return masked_name(value)
    if name in MASKED_NUMBERS:
        return masked_telephone(value)
    if name in ("frontage_cm", "depth_cm"):
        return f"{value / 100:g} m"
    if name == "grid_id":
        return f"{tree.community_of(value).name} {tree.by_id[value].name}"
    return str(getattr(value, "label", value))
