"""排版: a paper's evidence → the HTML that is rendered. The templates see plain data and a pen, nothing else.

`paper` is the register's own part of the evidence (number, 查验码, digest, office), `facts` the issuing room's part.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from jinja2 import Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup, escape

from portal.ground.clock import SHANGHAI
from portal.papers.engine import canonical, drawing, sketch
from portal.papers.engine.figures import Easel
from portal.papers.engine.office import Issuer
from portal.papers.terms import Duty, PaperTerms

#: Style sheets in the templates folder: the one of all papers; a kind's own stands beside its template (.css).
COMMON_STYLE = "papers/print.css"


@dataclass
class Pen:
    """What the templates draw with: each call leaves a box in the page and hangs the drawing on the easel."""

    issuer: Issuer
    fonts: Path
    easel: Easel

    def seal(self) -> Markup:
        """The office's seal."""
        return self.easel.hang(drawing.seal(self.issuer.seal, self.issuer.below, self.fonts))

    def qr(self, text: str, size: float) -> Markup:
        """A QR code of `size` millimetres."""
        return self.easel.hang(drawing.qr(text, size))

    def signature(self, strokes: Any, width: float, height: float) -> Markup:
        """A signature from its thinned points."""
        return self.easel.hang(drawing.signature(strokes, width, height))

    def sketch(self, area: Mapping[str, Any], shop: str) -> SimpleNamespace:
        """The area of responsibility to scale: `picture`, `scale`, `square` metres."""
        measures = {"frontage": area["frontage_m"], "depth": area["depth_m"]}
        figure, scale = sketch.draw(**measures, bounds=area["bounds"], shop=shop)
        return SimpleNamespace(picture=self.easel.hang(figure), scale=scale, square=sketch.square(**measures))


@dataclass(frozen=True)
class Composed:
    """A paper ready for the press: its page, what is drawn on it, the style sheets and the words printed."""

    html: str
    easel: Easel
    styles: tuple[str, ...]


def scan_text(check_code: str, public_address: str) -> str:
    """Return what the QR holds: the check page's address, or inside an intranet the code alone.

    The hall's kiosk reads either; without `PUBLIC_ADDRESS` no link leads into the intranet (proofs.md, Traps).
    """
    return f"{public_address}/check/{check_code}" if public_address else check_code


def compose(environment: Environment, template: str, evidence: Mapping[str, Any], fonts: Path) -> Composed:
    """Return the paper of `evidence` (`paper` and `facts`) set by the kind's own template."""
    kept = evidence["paper"]
    issuer, easel = Issuer.from_evidence(kept["office"]), Easel()
    paper = SimpleNamespace(
        number=kept["number"],
        check_code=kept["check_code"],
        title=kept["title"],
        at=kept["at"],
        digest=canonical.grouped(canonical.sha256(canonical.text(evidence))),
        office=issuer,
        demo=issuer.demo,
        public_address=issuer.public_address,
        scan=scan_text(kept["check_code"], issuer.public_address),
    )
    ready = _ready(environment)
    page = ready.get_template(template).render(paper=paper, facts=evidence["facts"], draw=Pen(issuer, fonts, easel))
    own = template.removesuffix(".html") + ".css"
    return Composed(page, easel, _settled(_style(ready, COMMON_STYLE), _style(ready, own)))


def terms_text(facts: Mapping[str, Any]) -> str:
    """Return the terms that were signed as plain text; empty for papers without terms."""
    terms = facts.get("terms")
    if not terms:
        return ""
    duties = tuple(Duty(one["heading"], tuple(one["items"])) for one in terms["duties"])
    return PaperTerms(**{**terms, "duties": duties}).as_text()


@lru_cache(maxsize=32)
def _settled(*styles: str) -> tuple[str, ...]:
    """The style sheets with their `var(--…)` filled in: WeasyPrint would work each of them out for every box."""
    words = dict(re.findall(r"(--[a-z-]+):\s*([^;]+);", styles[0]))
    return tuple(re.sub(r"var\((--[a-z-]+)\)", lambda found: words[found[1]], text) for text in styles if text)


def _style(environment: Environment, name: str) -> str:
    """A style sheet of the templates folder; empty when a kind has none of its own."""
    try:
        return environment.loader.get_source(environment, name)[0] if environment.loader else ""
    except TemplateNotFound:
        return ""


def paper_day(text: str) -> str:
    """`2026-04-09` (or an instant) → 2026年4月9日."""
    return _day(_local_date(text))


def paper_last_day(text: str) -> str:
    """The last day of a term whose end is exclusive: `2027-04-09` → 2027年4月8日."""
    return _day(_local_date(text) - timedelta(days=1))


def paper_name(text: str) -> Markup:
    """A shop's name as the paper's second heading: one line up to 24 characters, else two, cut where its words end."""
    if len(text) <= 24:
        return escape(text)
    half = -(-len(text) // 2)
    ends = [found.end() for found in re.finditer("公司|餐饮|超市|商行|饭店|分店|街道|路|街|县|市|镇", text[:-2])]
    cut = min((end for end in ends if abs(end - half) <= 4), key=lambda end: abs(end - half), default=half)
    return Markup("{}<br>{}").format(text[:cut], text[cut:])


def paper_number(text: str) -> Markup:
    """桂三包〔2026〕第0142号 with the brackets set close; the characters stay."""
    return Markup(str(escape(text)).replace("〔", "<span>〔</span>", 1).replace("〕", "<span>〕</span>", 1))


def paper_instant(text: str) -> str:
    """An instant with zone → 2026年4月9日 10:26 in Asia/Shanghai."""
    at = datetime.fromisoformat(text).astimezone(SHANGHAI)
    return f"{_day(at.date())} {at:%H:%M}"


def _local_date(text: str) -> date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).astimezone(SHANGHAI).date()


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _ready(environment: Environment) -> Environment:
    """An overlay with our filters that trips over anything the evidence does not hold."""
    key = "portal.papers"
    if key not in environment.globals:
        overlay = environment.overlay(undefined=StrictUndefined, autoescape=True)
        overlay.filters = {
            **environment.filters,
            "paper_day": paper_day,
            "paper_last_day": paper_last_day,
            "paper_instant": paper_instant,
            "paper_number": paper_number,
            "paper_name": paper_name,
        }
        environment.globals[key] = overlay
    return cast(Environment, environment.globals[key])
