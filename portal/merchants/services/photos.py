"""Pictures and attachments: written to the file store before the row that names them commits."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.ground.photos import Photo, check_pdf, clean_photo
from portal.merchants.models import OldFile, OldPhoto, Shop, ShopEvent, ShopFile
from portal.merchants.queries import attachments
from portal.merchants.terms import EventKind

ATTACHMENTS_MOST = 20


def set_photo(shop: Shop, photo: Photo, *, store: FileStore, by: Actor, now: datetime) -> None:
    """Make a cleaned picture the shop's 门头照; the one before stays as an `OldPhoto`, row and bytes."""
    before, shop.photo = shop.photo, store.put(photo.bytes, photo.suffix)
    if before and before != shop.photo:
        db.session.add(OldPhoto(shop_id=shop.id, sha=before, replaced_at=now, replaced_by=by.name))
    shop.updated_at, shop.updated_by = now, by.name
    taken = f"拍摄于 {photo.taken_at:%Y-%m-%d %H:%M}" if photo.taken_at else ""
    db.session.add(ShopEvent(shop_id=shop.id, at=now, kind=EventKind.PHOTO, title="更新门头照", text=taken, by=by.name))
    record("merchants.photo", f"shop:{shop.id}", by=by, now=now, number=shop.number, sha=shop.photo)


def clean_attachment(data: bytes) -> tuple[bytes, str, str]:
    """Return an attachment's bytes as they are kept, its suffix and media type: a PDF, or a picture coded anew.

    ValueError says in Chinese what is wrong with it.
    """
    if data.startswith(b"%PDF"):
        return check_pdf(data), ".pdf", "application/pdf"
    picture = clean_photo(data)
    return picture.bytes, picture.suffix, picture.content_type


def attach(
    shop: Shop, *, name: str, data: bytes, suffix: str, media: str, store: FileStore, by: Actor, now: datetime
) -> ShopFile:
    """Add an attachment (a cleaned picture or a checked PDF)."""
    if len(attachments(shop.id)) >= ATTACHMENTS_MOST:
        raise Refused(f"附件最多 {ATTACHMENTS_MOST} 份，请先移除不用的")
    kept = ShopFile(shop_id=shop.id, name=name[:80], media=media, added_at=now, added_by=by.name)
    kept.sha = store.put(data, suffix)
    db.session.add(kept)
    db.session.flush()
    record("merchants.attach", f"shop:{shop.id}", by=by, now=now, number=shop.number, sha=kept.sha)
    return kept


def note_opening(shop: Shop, file: ShopFile, *, by: Actor, now: datetime) -> None:
    """Write down who opens an attachment, a former one too: persons stand in it (rules 6, Audit)."""
    record("merchants.open", f"shop:{shop.id}", by=by, now=now, number=shop.number, sha=file.sha)


def detach(shop: Shop, file: ShopFile, *, reason: str, by: Actor, now: datetime) -> None:
    """Take an attachment off the file, with the reason; row and bytes stay, and who edits the shop still sees them."""
    try:
        db.session.add(OldFile(file_id=file.id, detached_at=now, detached_by=by.name, reason=reason))
        db.session.flush()
    except IntegrityError:  # a colleague did it at this very instant
        raise Refused("这份附件刚被别人移除了") from None
    record("merchants.detach", f"shop:{shop.id}", by=by, now=now, number=shop.number, sha=file.sha, reason=reason)
