"""A zip of XML parts opened with care: no bombs, no entities, no passwords."""

import io
import re
import zipfile
import zlib
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser  # parsers below refuse a DOCTYPE

from portal.ground.sheets.cells import Misfit

PART_MOST = 60 * 1024 * 1024
ALL_MOST = 100 * 1024 * 1024
PARTS_MOST = 2000
BROKEN = "表格文件已损坏，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传"


class Archive:
    """The parts of an .xlsx file by name; `Misfit` for everything that is not one."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            parts = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError):
            raise Misfit(BROKEN) from None
        if len(parts) > PARTS_MOST or sum(part.file_size for part in parts) > ALL_MOST:
            raise Misfit("文件解开后过大，不像一张普通的表格；请只复制需要的行列到新表再上传")
        if any(part.flag_bits & 1 for part in parts):
            raise Misfit("这张表有密码，请在 Excel 或 WPS 里取消密码后再上传")
        self._parts = {part.filename.lstrip("/").lower(): part for part in parts}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def read(self, name: str) -> bytes:
        """The bytes of a part. `Misfit` when it is missing, too large or broken."""
        part = self._parts.get(name.lower())
        if part is None:
            raise Misfit(BROKEN)
        if part.file_size > PART_MOST:
            raise Misfit("工作表过大，请只复制需要的行列到新表再上传")
        try:
            return self._zip.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
            raise Misfit(BROKEN) from None

    def tree(self, name: str) -> Element:
        """A small part as a tree."""
        return parse(self.read(name), _Tree())

    def relations(self, name: str) -> dict[str, str]:
        """What a part points at: relation id → name of the other part."""
        folder, _, leaf = name.rpartition("/")
        rels = f"{folder}/_rels/{leaf}.rels".lstrip("/")
        if rels not in self:
            return {}
        return {
            item.get("Id", ""): _joined(folder, item.get("Target", ""))
            for item in self.tree(rels)
            if item.get("TargetMode") != "External"
        }


class _Tree(TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse entities: a sheet never has any."""
        raise Misfit(BROKEN)


def parse(data: bytes, target: Any) -> Any:
    """Feed the bytes to a target (`start`, `end`, `data`, `doctype`, `close`); `Misfit` for broken XML."""
    parser = XMLParser(target=target)
    try:
        parser.feed(data)
        return parser.close()
    except Misfit:
        raise
    except (ParseError, LookupError, ValueError):
        raise Misfit(BROKEN) from None


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def unescaped(text: str) -> str:
    """`_x000D_` and its like as the character that a sheet shows."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _joined(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    parts = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
