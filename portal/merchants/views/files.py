"""One shop's file: the page, its print, its pictures, and its telephone for sixty seconds."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from flask import Response, abort, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.declare import TimelineLine, offers
from portal.ground.errors import Refused
from portal.merchants import forms, queries, services
from portal.merchants.models import Shop, ShopFile
from portal.merchants.terms import REASONS, REVEALED_SECONDS, plan
from portal.merchants.views.lists import came_from
from portal.merchants.views.room import room, shop_or_404, store
from portal.web import done, me, now, one_or_404, page
from portal.web.door import holds
from portal.web.opened import has_opened, opened

#: Whoever may see what an attachment holds (a licence, an authority): persons stand in it.
OPENING = (Can.MERCHANTS_REVEAL, Can.MERCHANTS_EDIT)
MEDIA = {".jpg": "image/jpeg", ".webp": "image/webp", ".pdf": "application/pdf"}


@room.get("/<int:id>", needs=Can.MERCHANTS_READ)
def show(id: int) -> ResponseReturnValue:
    return page("merchants/show.html", **_file(id))


@room.get("/<int:id>/print", needs=Can.MERCHANTS_READ, endpoint="print")
def print_file(id: int) -> ResponseReturnValue:
    return page("merchants/print.html", **_file(id))


@room.post("/<int:id>/print", needs=Can.MERCHANTS_READ, endpoint="note_print")
def note_print(id: int) -> ResponseReturnValue:
    """Write down who prints it; the page then prints itself."""
    services.note_print(shop_or_404(id), by=me(), now=now())
    return page("merchants/print.html", printing=True, **_file(id))


def _file(number: int) -> dict[str, Any]:
    """Everything that the file shows: own facts, and what rooms above offer."""
    if (found := queries.whole(me(), number)) is None:
        abort(404)
    (shop, tenures), house, tree = found, offers(), queries.tree()
    chapters = [one.read(shop.id, me(), now()) for one in house.on("chapters", "merchant")]
    lines = [
        TimelineLine(at, title, f"{text}；{by}" if text and by else text or by)
        for at, title, text, by in queries.events(shop.id)
    ]
    return {
        "shop": shop,
        "grid": tree.by_id[shop.grid_id],
        "community": tree.by_id[shop.community_id],
        "tenure": next((one for one in tenures if one.until_on is None), None),
        "past": [one for one in tenures if one.until_on is not None],
        "lines": _ordered([*lines, *chain.from_iterable(one.lines for one in chapters)]),
        "lamps": [one.lamp for one in chapters if one.lamp],
        "cards": [(one.title, one.facts) for one in chapters],
        "acts": [one for one in house.on("actions", "merchant") if holds(me(), one.needs)],
        "files": queries.attachments(shop.id),
        "opens": any(me().reach(key).covers(community=shop.community_id, grid=shop.grid_id) for key in OPENING),
        "plan": plan(shop.frontage_cm, shop.depth_cm),
        "back": came_from(),
    }


def _ordered(lines: Sequence[TimelineLine]) -> list[TimelineLine]:
    """What is still to come first, then the newest."""
    return sorted(lines, key=lambda line: (line.tone == "next", line.at), reverse=True)


@room.get("/<int:id>/telephone", needs=Can.MERCHANTS_REVEAL)
def telephone(id: int) -> ResponseReturnValue:
    """Ask why; nothing is shown yet."""
    shop = shop_or_404(id, Can.MERCHANTS_REVEAL)
    return _ask(shop, forms.RevealForm())


@room.post("/<int:id>/telephone", needs=Can.MERCHANTS_REVEAL, endpoint="reveal")
def reveal(id: int) -> ResponseReturnValue:
    """Show it, and write who saw it and why; the page goes back by itself after a minute."""
    shop, form = shop_or_404(id, Can.MERCHANTS_REVEAL), forms.RevealForm()
    of = _whose(request.args.get("of"), shop)
    if not form.validate():
        return _ask(shop, form, status=422)
    name, phone = services.reveal(shop, of=of, reason=form.words(), by=me(), now=now())
    answer = page(
        "merchants/telephone.html", swap={"asked": "merchants/_telephone.html"}, shop=shop, name=name, phone=phone,
        of=of, seconds=REVEALED_SECONDS,
    )  # fmt: skip
    answer.headers["Refresh"] = f"{REVEALED_SECONDS}; url={url_for('merchants.show', id=id)}"
    return answer


def _whose(asked: str | None, shop: Shop) -> str:
    """responsible or landlord: where nobody trades, the landlord is asked for."""
    if asked == "landlord" or (not shop.responsible_name and not shop.phone_sealed and shop.landlord_name):
        return "landlord"
    return "responsible"


def _ask(shop: Shop, form: forms.RevealForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "merchants/telephone.html", swap={"asked": "merchants/_telephone.html"}, status=status, shop=shop, form=form,
        of=_whose(request.args.get("of"), shop), reasons=list(REASONS.items()), phone=None,
    )  # fmt: skip


@room.get("/<int:id>/photo", needs=Can.MERCHANTS_READ)
def photo(id: int) -> ResponseReturnValue:
    """The shop's 门头照."""
    shop = shop_or_404(id)
    return _send(shop.photo, f"{shop.number}.jpg", saved=False) if shop.photo else abort(404)


@room.post("/<int:id>/files/<int:file>/opening", needs=OPENING)
def open_attachment(id: int, file: int) -> ResponseReturnValue:
    """Write down who opens an attachment, and lead to it (rules 6, Audit)."""
    shop = shop_or_404(id, *OPENING)
    services.note_opening(shop, one_or_404(queries.attachment(id, file)), by=me(), now=now())
    return done(opened("merchants.attachment", id=id, file=file), message="")


@room.get("/<int:id>/files/<int:file>", needs=OPENING)
def attachment(id: int, file: int) -> ResponseReturnValue:
    """An attachment, to be saved by whoever has just opened it."""
    shop_or_404(id, *OPENING)
    return _handed(one_or_404(queries.attachment(id, file)), back=url_for("merchants.show", id=id))


@room.get("/<int:id>/photos/<int:photo>", needs=Can.MERCHANTS_EDIT)
def old_photo(id: int, photo: int) -> ResponseReturnValue:
    """A 门头照 of before."""
    shop = shop_or_404(id, Can.MERCHANTS_EDIT)
    return _send(one_or_404(queries.old_photo(id, photo)).sha, f"{shop.number}-{photo}.jpg", saved=False)


@room.post("/<int:id>/files/<int:file>/old/opening", needs=Can.MERCHANTS_EDIT)
def open_old_attachment(id: int, file: int) -> ResponseReturnValue:
    """The same for one that was taken off."""
    shop = shop_or_404(id, Can.MERCHANTS_EDIT)
    services.note_opening(shop, one_or_404(queries.attachment(id, file, old=True)), by=me(), now=now())
    return done(opened("merchants.old_attachment", id=id, file=file), message="")


@room.get("/<int:id>/files/<int:file>/old", needs=Can.MERCHANTS_EDIT)
def old_attachment(id: int, file: int) -> ResponseReturnValue:
    """An attachment that was taken off, for whoever edits the shop and has just opened it."""
    shop_or_404(id, Can.MERCHANTS_EDIT)
    return _handed(one_or_404(queries.attachment(id, file, old=True)), back=url_for("merchants.pictures", id=id))


def _handed(kept: ShopFile, *, back: str) -> ResponseReturnValue:
    if not has_opened():
        return done(back, message="看附件要留下记录：请在这里点附件的名字")
    answer = _send(kept.sha, kept.name, saved=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _send(digest: str, name: str, *, saved: bool) -> Response:
    try:
        path = store().path(digest)
    except FileNotFoundError:
        raise Refused("文件不在存储里，请告诉系统管理员") from None
    return send_file(path, mimetype=MEDIA[path.suffix], as_attachment=saved, download_name=name, max_age=0)
