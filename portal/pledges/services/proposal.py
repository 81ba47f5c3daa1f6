"""What would be signed now: tenure, text in force, area and term. Screens show it, `prepare` signs it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.merchants.models import Shop, Tenure
from portal.pledges import queries, rules
from portal.pledges.models import Template
from portal.pledges.services import evidence
from portal.pledges.services.reading import party_a
from portal.pledges.terms import RECKONED, TERM_MONTHS
from portal.settings import queries as settings


@dataclass(frozen=True)
class Proposal:
    """A pledge before its signature. `until_on` is exclusive, `last_day` is what people read; `reckoned_with` is the
    version of the settings behind it."""

    tenure: Tenure
    template: Template
    party_a: str
    starts_on: date
    until_on: date
    reckoned_with: dict[str, int]

    @property
    def shop(self) -> Shop:
        """The shop that the tenure runs in."""
        return self.tenure.shop

    @property
    def last_day(self) -> date:
        """The last day of the term."""
        return self.until_on - timedelta(days=1)

    @property
    def area(self) -> dict[str, Any]:
        """The snapshot of the area of responsibility."""
        return evidence.area_of(self.shop)

    @property
    def area_words(self) -> str:
        """The area in one sentence: 门前宽 6.4 米、深 3 米；东至…。"""
        area = self.area
        measured = area["frontage_m"] and area["depth_m"]
        size = f"门前宽 {area['frontage_m']} 米、深 {area['depth_m']} 米" if measured else "门前区域"
        bounds = "，".join(f"{side}至{words}" for side, words in area["bounds"].items())
        return f"{size}；{bounds}。" if bounds else f"{size}，以附图为准。"


def proposal(subject: str, *, on: date, version: int | None = None) -> Proposal:
    """Return what the tenure (`tenure:17`) would sign on a day: on the version it read, else the one in force.

    Refused when the operator has changed or there is no such text.
    """
    tenure = db.session.scalars(queries.tenure(subject)).one()
    if tenure.until_on is not None:
        raise Refused("这家店的经营者已经变更，这个签约码不能再用。请工作人员按新的经营者发码。")
    if version is None:
        template = queries.template_in_force(on)
    else:
        template = db.session.scalars(queries.template(version)).one_or_none()
    if template is None:
        raise Refused("责任书文本已经更换，请按“重来”，看过新文本再签。")
    until_on = rules.term_end(on, months=settings.value(TERM_MONTHS, on=on))
    return Proposal(tenure, template, party_a(on), on, until_on, settings.stamp(RECKONED, on=on))
