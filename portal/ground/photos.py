"""照片: uploaded pictures decided by bytes and pixels before decoding, re-encoded, without place (rules 6
Files).
"""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image, ImageCms, ImageFile, ImageOps

from portal.ground.photo_sizes import Header, header

BYTES_MOST = 10 * 1024 * 1024
PIXELS_MOST = 50_000_000
SIDE_MOST = 12_000
KEPT_SIDE = 2560
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_FORMATS = ("JPEG", "PNG", "WEBP")  # the reader of JPEG also reads a phone's MPO
#: What the readers raise on bytes that are not what they say.
_BROKEN = (
    OSError, SyntaxError, ValueError, KeyError, TypeError, OverflowError, struct.error, Image.DecompressionBombError
)  # fmt: skip
_EXIF_FOLDER, _TAKEN, _TAKEN_ZONE, _DIGITIZED = 0x8769, 0x9003, 0x9011, 0x9004


@dataclass(frozen=True)
class Photo:
    """A picture made anew: bytes without any metadata, size in pixels, and when it was taken if it said so.

    `kind` is `jpg` or `webp`; `taken_at` is aware, in Asia/Shanghai; None means the picture did not say.
    """

    bytes: bytes
    width: int
    height: int
    taken_at: datetime | None
    kind: str

    @property
    def suffix(self) -> str:
        """`.jpg` or `.webp`."""
        return f".{self.kind}"

    @property
    def content_type(self) -> str:
        """What a browser is told."""
        return "image/jpeg" if self.kind == "jpg" else "image/webp"


def clean_photo(data: bytes, *, longest: int = KEPT_SIDE) -> Photo:
    """Return the picture made anew: turned upright, at most `longest` pixels a side, EXIF and place gone.

    JPEG (a phone's MPO too), PNG and WebP by their bytes, whatever the file is called; at most 10 MB and 50
    million pixels, looked up before decoding. `ValueError` with a sentence for the person who uploads.
    """
    _refuse_unfit(data, header(data))
    try:
        with _whole_files_only(), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > PIXELS_MOST:  # a second head that says otherwise
                raise ValueError("more pixels than its header said")
            taken_at = _taken_at(image)
            image.draft("RGB", (longest, longest))
            picture = _plain(image)
    except _BROKEN:
        raise ValueError("照片打不开，可能没有传完或文件已损坏，请重新拍一张或重新上传") from None
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    kind = "jpg" if picture.mode == "RGB" else "webp"
    return Photo(_encoded(picture, kind), picture.width, picture.height, taken_at, kind)


def thumbnail(data: bytes, side: int = 320) -> bytes:
    """Return a small JPEG, at most `side` pixels a side, of a picture that `clean_photo` made."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        image.draft("RGB", (side, side))
        small = _plain(image)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _encoded(_on_white(small), "jpg", quality=80)


def check_pdf(data: bytes) -> bytes:
    """Return the bytes if they are a whole PDF of at most 10 MB without a password; else `ValueError`."""
    if len(data) > BYTES_MOST:
        raise ValueError(f"文件有 {_megabytes(data)}，超过 10 MB；请用扫描仪的“标准”清晰度重新扫描")
    if not data.startswith(b"%PDF-"):
        raise ValueError("这不是 PDF 文件，请上传扫描得到的 PDF")
    if b"%%EOF" not in data[-2048:]:
        raise ValueError("PDF 不完整，可能没有传完，请重新上传")
    if b"/Encrypt" in data:
        raise ValueError("PDF 设了密码，请去掉密码后再上传")
    return data


@contextmanager
def _whole_files_only() -> Iterator[None]:
    """Refuse half a picture, whatever another library of this process has set (WeasyPrint lets them pass)."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _refuse_unfit(data: bytes, found: Header | None) -> None:
    if not data:
        raise ValueError("文件是空的，请重新选择照片")
    if len(data) > BYTES_MOST:
        raise ValueError(f"照片有 {_megabytes(data)}，超过 10 MB；请在手机上选“标准”画质后再传")
    if found is None:
        raise ValueError(f"{_other(data)}请上传 JPG、PNG 或 WebP 照片")
    pixels = found.width * found.height
    if pixels > PIXELS_MOST or max(found.width, found.height) > SIDE_MOST:
        raise ValueError(f"照片有 {found.width}×{found.height} 像素，超过 5000 万像素；请在手机上选“标准”画质后再传")
    if min(found.width, found.height) < 16:
        raise ValueError("照片太小，看不清内容，请重新拍一张")


def _other(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "这是苹果手机的 HEIC 照片或视频，电脑上不一定打得开；"
    names = {
        b"GIF8": "这是 GIF 动图；",
        b"BM": "这是 BMP 图片；",
        b"%PDF": "这是 PDF 文件；",
        b"PK\x03\x04": "这不是照片；",
    }
    return next((name for magic, name in names.items() if data.startswith(magic)), "这不是照片，或文件已损坏；")


def _megabytes(data: bytes) -> str:
    return f"{len(data) / 1024 / 1024:.1f} MB"


def _taken_at(image: Image.Image) -> datetime | None:
    """When the picture says it was taken; without a zone of its own, in Asia/Shanghai."""
    try:
        details = image.getexif().get_ifd(_EXIF_FOLDER)
        said = str(details.get(_TAKEN) or details.get(_DIGITIZED) or "").strip("\0 ")
        taken = datetime.strptime(said, "%Y:%m:%d %H:%M:%S").replace(tzinfo=_SHANGHAI)
        zone = str(details.get(_TAKEN_ZONE) or "").strip("\0 ")
        if zone:
            taken = datetime.strptime(f"{said} {zone}", "%Y:%m:%d %H:%M:%S %z").astimezone(_SHANGHAI)
    except (ValueError, TypeError, KeyError, OSError, SyntaxError, OverflowError):
        return None
    return taken if taken.year >= 1990 else None


def _plain(image: Image.Image) -> Image.Image:
    """The first picture, upright, in sRGB, as RGB or (where something shows through) RGBA, with no metadata."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    picture = upright.convert("RGBA" if through else "RGB")
    if profile and upright.mode in ("RGB", "RGBA"):
        picture = _in_srgb(picture, profile)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    picture.info = {}
    return picture


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Colours as the phone meant them; a broken profile changes nothing."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=picture.mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return turned or picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _encoded(picture: Image.Image, kind: str, quality: int = 86) -> bytes:
    out = io.BytesIO()
    if kind == "jpg":
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    else:
        picture.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()
