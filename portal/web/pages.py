"""Answers: whole pages, their fragments, and what follows a deed."""

from typing import Any, TypeVar

from flask import abort, flash, make_response, redirect, render_template, request
from flask.wrappers import Response
from sqlalchemy import Select

from portal.ground.db import db

T = TypeVar("T")


def htmx_target() -> str | None:
    """Return the id of the element that htmx will swap, None when no htmx asks (or it boosts a whole page)."""
    if request.headers.get("HX-Request") != "true" or request.headers.get("HX-Boosted") == "true":
        return None
    return request.headers.get("HX-Target")


def page(template: str, /, *, swap: dict[str, str] | None = None, status: int = 200, **context: Any) -> Response:
    """Render a page, or the fragment that `swap` names for the element htmx asks for; sets `Vary`."""
    target = htmx_target()
    chosen = (swap or {}).get(target or "", template)
    response = make_response(render_template(chosen, **context), status)
    response.headers["Vary"] = "HX-Request, HX-Target, Cookie"
    return response


def done(url: str, *, message: str = "已保存", fragment: str | None = None, **context: Any) -> Response:
    """Answer a deed: 303 to `url`; with htmx the fragment, or `HX-Redirect` where there is none."""
    if htmx_target() is None:
        if message:
            flash(message, "fine")
        return make_response(redirect(url, 303))
    if fragment is None:
        if message:
            flash(message, "fine")
        return Response("", 200, {"HX-Redirect": url})
    response = make_response(render_template(fragment, message=message, **context))
    response.headers["Vary"] = "HX-Request, HX-Target, Cookie"
    return response


def one_or_404(found: Select[T]) -> T:
    """Return the one row, or 404: what is not visible does not exist."""
    row = db.session.scalars(found).unique().one_or_none()
    if row is None:
        abort(404)
    return row


def query_int(name: str, default: int) -> int:
    """Return a whole number of the address bar, `default` for nonsense."""
    return whole(request.args.get(name), default)


def whole(text: str | None, default: int = 0) -> int:
    """Return the whole number that somebody sent, `default` for nonsense: `²` is a digit, and no number."""
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else default
