"""Photos are decided by bytes and pixels before decoding, and made anew without place (rules 6 Files)."""

import io
import struct
import time
import zlib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from portal.ground.photo_sizes import header
from portal.ground.photos import check_pdf, clean_photo, thumbnail

SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_photo(kind="JPEG", size=(320, 200), mode="RGB", exif=None, **how):
    picture = Image.new(mode, size)
    picture.paste((200, 30, 30) if mode == "RGB" else (200, 30, 30, 120), (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    picture.save(out, kind, **({"exif": exif} if exif else {}), **how)
    return out.getvalue()


def an_exif(taken="2026:04:09 18:42:00", zone=None, orientation=1, place=True):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8769)[0x9003] = taken
    if zone:
        exif.get_ifd(0x8769)[0x9011] = zone
    if place:
        exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 19.0, 40.0), 3: "E", 4: (107.0, 20.0, 10.0)})
    return exif


def test_time_is_read_and_place_is_gone():
    photo = clean_photo(a_photo(exif=an_exif()))
    assert photo.taken_at == datetime(2026, 4, 9, 18, 42, tzinfo=SHANGHAI)
    assert b"SecretMaker" not in photo.bytes
    assert b"Exif" not in photo.bytes
    with Image.open(io.BytesIO(photo.bytes)) as again:
        assert dict(again.getexif()) == {}
    assert (photo.kind, photo.suffix, photo.content_type) == ("jpg", ".jpg", "image/jpeg")


@pytest.mark.parametrize(
    ("taken", "zone", "expected"),
    [
        pytest.param("2026:04:09 10:42:00", "+00:00", (2026, 4, 9, 18, 42), id="rules6-files-time-zone"),
        pytest.param("0000:00:00 00:00:00", None, None, id="rules6-files-time-zero"),
        pytest.param("yesterday", None, None, id="rules6-files-time-broken"),
        pytest.param("1970:01:01 00:00:00", None, None, id="rules6-files-time-unset-clock"),
    ],
)
def test_times_as_phones_write_them(taken, zone, expected):
    photo = clean_photo(a_photo(exif=an_exif(taken, zone)))
    assert photo.taken_at == (datetime(*expected, tzinfo=SHANGHAI) if expected else None)


def test_a_picture_held_sideways_stands_upright():
    photo = clean_photo(a_photo(exif=an_exif(orientation=6)))
    assert (photo.width, photo.height) == (200, 320)
    with Image.open(io.BytesIO(photo.bytes)) as picture:
        red, _, _ = picture.convert("RGB").getpixel((150, 20))
        assert red > 150


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(a_photo("PNG"), "jpg", id="rules6-files-png"),
        pytest.param(a_photo("PNG", mode="RGBA"), "webp", id="rules6-files-png-through"),
        pytest.param(a_photo("WEBP"), "jpg", id="rules6-files-webp"),
        pytest.param(a_photo("WEBP", lossless=True), "jpg", id="rules6-files-webp-lossless"),
        pytest.param(a_photo("WEBP", mode="RGBA"), "webp", id="rules6-files-webp-through"),
        pytest.param(
            a_photo("MPO", save_all=True, append_images=[Image.new("RGB", (320, 200))]), "jpg", id="rules6-files-mpo"
        ),
    ],
)
def test_kinds_taken_by_their_bytes(data, kind):
    photo = clean_photo(data)
    assert (photo.width, photo.height, photo.kind) == (320, 200, kind)
    assert header(photo.bytes)[:1] == (kind,)
    small = thumbnail(photo.bytes, 100)
    assert header(small) == ("jpg", 100, 62) or header(small) == ("jpg", 100, 63)


def test_large_pictures_come_out_smaller():
    photo = clean_photo(a_photo(size=(4000, 3000)))
    assert (photo.width, photo.height) == (2560, 1920)


def a_bomb(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 10**6)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "空的", id="rules6-files-empty"),
        pytest.param(a_bomb(30000, 30000), "30000×30000 像素", id="rules6-files-bomb"),
        pytest.param(a_bomb(20000, 20), "像素", id="rules6-files-strip"),
        pytest.param(a_photo(size=(8, 8)), "太小", id="rules6-files-tiny"),
        pytest.param(b"\xff\xd8\xff" + b"\0" * 100, "不是照片", id="rules6-files-fake-jpg"),
        pytest.param(a_photo()[:2000], "没有传完", id="rules6-files-cut"),
        pytest.param(b"GIF89a" + b"\0" * 100, "GIF", id="rules6-files-gif"),
        pytest.param(b"\0\0\0\x18ftypheic" + b"\0" * 100, "HEIC", id="rules6-files-heic"),
        pytest.param(b"<svg onload=alert(1)>", "不是照片", id="rules6-files-svg"),
        pytest.param(a_photo() + b"\0" * 10 * 1024 * 1024, "超过 10 MB", id="rules6-files-large"),
    ],
)
def test_refused_before_decoding(data, says):
    started = time.perf_counter()
    with pytest.raises(ValueError, match=says):
        clean_photo(data)
    assert time.perf_counter() - started < 1


def test_half_a_picture_is_refused_whatever_another_library_has_set(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(ValueError, match="没有传完"):
        clean_photo(a_photo()[:2000])
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_what_hides_behind_a_picture_is_gone():
    assert b"<script>" not in clean_photo(a_photo() + b"<script>alert(1)</script>").bytes


@settings(max_examples=200)
@given(st.sampled_from([a_photo(), a_photo("PNG"), a_photo("WEBP")]), st.data())
def test_broken_bytes_give_a_sentence_or_a_picture(data, draw):
    broken = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 6))):
        broken[draw.draw(st.integers(0, len(broken) - 1))] = draw.draw(st.integers(0, 255))
    try:
        photo = clean_photo(bytes(broken))
    except ValueError as refused:
        assert "请" in str(refused)
    else:
        assert photo.bytes


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"MZ\0\0", "不是 PDF", id="rules6-files-fake-pdf"),
        pytest.param(b"%PDF-1.7\n", "没有传完", id="rules6-files-cut-pdf"),
        pytest.param(b"%PDF-1.7\n/Encrypt 5 0 R\n%%EOF", "密码", id="rules6-files-locked-pdf"),
        pytest.param(b"%PDF-1.7\n" + b"0" * 10 * 1024 * 1024 + b"%%EOF", "超过 10 MB", id="rules6-files-large-pdf"),
    ],
)
def test_pdf_refused(data, says):
    with pytest.raises(ValueError, match=says):
        check_pdf(data)


def test_pdf_taken():
    assert check_pdf(b"%PDF-1.4\n...\n%%EOF\n").startswith(b"%PDF")
