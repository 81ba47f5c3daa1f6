"""Words on the screen: dates, times and masks for templates, and the icons of the one sprite."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, url_for
from jinja2 import Template
from markupsafe import Markup, escape

from portal.ground.declare import Cell
from portal.ground.fields.mails import masked_mail
from portal.ground.fields.masks import masked_name, masked_telephone
from portal.ground.sealed import looked_at
from portal.ground.workdays import because, headline
from portal.web.door import may_go, now
from portal.web.nav import rail
from portal.web.strips import day_strips, strip_rows


def day(value: date | datetime | None) -> str:
    """2026年4月9日, without padding (house.md section 6)."""
    return "" if value is None else f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime | None) -> str:
    """An instant near now in the words of a colleague: 今天 18:00, 昨天 09:05, 4月9日 08:12, else with its year."""
    if value is None:
        return ""
    today, clock = now().date(), f"{value:%H:%M}"
    words = {0: "今天", -1: "昨天", 1: "明天"}
    if (word := words.get((value.date() - today).days)) is not None:
        return f"{word} {clock}"
    if value.year == today.year:
        return f"{value.month}月{value.day}日 {clock}"
    return f"{day(value)} {clock}"


def instant(value: datetime | None) -> str:
    """An instant in full: 2026年4月9日 10:26."""
    return "" if value is None else f"{day(value)} {value:%H:%M}"


def thousands(value: int | None) -> str:
    """3,498"""
    return "" if value is None else f"{value:,}"


class KitTemplate(Template):
    """A template whose imports are made once. Ours need no globals but the environment's, which Jinja would compare,
    one by one, at every `{% from "kit/…" import … %}` of every page."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module()


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.template_class = KitTemplate
    folder = Path(app.static_folder or "static")

    @cache
    def fingerprint(name: str) -> str:
        file = folder / name
        return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"

    @cache
    def static(name: str) -> str:
        return f"{app.static_url_path}/{name}?v={fingerprint(name)}"

    def vendor(name: str) -> str:
        return static(f"vendor/{name}")

    @cache
    def icon(name: str, label: str = "") -> Markup:
        words = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(
            words, vendor("icons.svg"), escape(name)
        )

    @lru_cache(maxsize=4096, typed=True)
    def kept(macro: Callable[..., Markup], *arguments: object) -> Markup:
        """Call a macro of the kit whose answer depends on its arguments alone; the same ones are answered from here."""
        return macro(*arguments)

    def cell(given: Cell | None) -> Markup | str:
        return kept(app.jinja_env.get_template("kit/cell.html").module.cell, given) if given else ""  # type: ignore[attr-defined]

    app.jinja_env.filters.update(
        cell=cell,
        day=day,
        moment=moment,
        instant=instant,
        thousands=thousands,
        looked_at=looked_at,
        masked_name=masked_name,
        masked_phone=masked_telephone,
        masked_mail=masked_mail,
    )
    app.jinja_env.globals.update(headline=headline, because=because, day_strips=day_strips, strip_rows=strip_rows)
    app.jinja_env.globals.update(kept=kept, icon=icon, static=static, vendor=vendor, may_go=may_go, go=url_for)

    @app.context_processor
    def words() -> dict[str, object]:
        return {
            "me": g.get("actor"),
            "now": now(),
            "nav": rail(),
            "office": app.config["OFFICE"],
            "demo": app.config["DEMO"],
        }
