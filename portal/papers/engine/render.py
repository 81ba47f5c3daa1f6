"""成文: HTML and evidence → the unsealed PDF, the same bytes for the same data (proofs.md I9).

Written as PDF/A-3b (never "validated": nothing here validates it). Dates are the paper's own instant in UTC, the file
identifier comes from the evidence; nothing is fetched but our faces and images. In a warm process the faces, the
parsed style sheets and the font configuration are reused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.request import url2pathname as URL_PATH

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from portal.papers.engine import canonical, figures
from portal.papers.engine.compose import Composed
from portal.papers.engine.fonts import Faces

#: After so many papers the font configuration is made anew: Pango keeps what it has seen.
RENEW = 500


class ForeignAddress(FatalURLFetchingError):
    """The HTML of a paper named something that is not ours."""


class OwnFiles(URLFetcher):
    """Fetches files below our own folders, and `data:`; anything else stops the paper."""

    def __init__(self, folders: Sequence[Path]):
        super().__init__(allowed_protocols=("file", "data"), allow_redirects=False)
        self.folders = [folder.resolve() for folder in folders]

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return the response for one of our own files; a `ForeignAddress` for everything else."""
        scheme, _, rest = url.partition(":")
        if scheme == "data":
            return super().fetch(url, headers)
        if scheme != "file":
            raise ForeignAddress(f"not ours: {scheme}")
        path = Path(_unquoted(rest)).resolve()
        if not any(path.is_relative_to(folder) for folder in self.folders):
            raise ForeignAddress("not ours: a file outside our folders")
        return super().fetch(url, headers)


def _unquoted(rest: str) -> str:
    from_url = rest.split("?")[0].split("#")[0]
    return URL_PATH(from_url)


#: What the elements of our papers are, before any style of ours. WeasyPrint's own sheet knows all of HTML, and is asked
#: for every box: a sixteenth of a paper's time. `tests/papers` holds that the templates use no other elements.
ELEMENTS = {
    "none": ("head", "meta", "title"),
    "block": ("html", "body", "div", "p", "h1", "h2"),
    "table": ("table",),
    "table-row-group": ("tbody",),
    "table-row": ("tr",),
    "table-cell": ("td",),
    "inline": ("b", "span", "br"),
}
PLAIN = "".join(f"{','.join(names)}{{display:{kind}}}" for kind, names in ELEMENTS.items())
PLAIN += 'b{font-weight:700}br:before{content:"\\A";white-space:pre-line}'


@lru_cache(maxsize=1)
def _plain() -> CSS:
    return CSS(string=PLAIN)


class PaperPage(HTML):
    """A paper's page, whose elements are few and known."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_plain()]


@dataclass
class Press:
    """What a process keeps warm between papers: faces, font configuration, parsed styles."""

    faces: Faces
    images: Path
    _fonts: FontConfiguration | None = None
    _done: int = 0
    _styles: dict[str, CSS] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def render(self, composed: Composed, *, evidence: str, at: datetime, attached: Mapping[str, str]) -> bytes:
        """Return the unsealed PDF of a composed paper.

        `evidence` is its canonical text, `at` the paper's instant (aware), `attached` further text files by ASCII
        name. Refuses nothing: ask `faces.missing_characters` first.
        """
        with self._lock:
            fonts = self._warm()
            sheets = [self._style(text, fonts) for text in (self.faces.css(), *composed.styles)]
            fetcher = OwnFiles([self.faces.folder, self.images])
            stamp = at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
            page = PaperPage(string=composed.html, url_fetcher=fetcher)
            document = page.render(font_config=fonts, stylesheets=sheets)
            document.metadata.created = document.metadata.modified = f"{stamp.isoformat()}Z"
            files = {"evidence.json": evidence, **attached}

            def finish(document: Any, pdf: Any) -> None:
                figures.place(document, pdf, composed.easel.figures)
                figures.freeze(pdf)

            return document.write_pdf(
                finisher=finish,
                pdf_variant="pdf/a-3b",
                pdf_identifier=bytes.fromhex(canonical.sha256(evidence))[:16],
                attachments=[_attachment(name, text, stamp) for name, text in files.items()],
            )

    def _warm(self) -> FontConfiguration:
        if self._fonts is None or self._done >= RENEW:
            self._fonts, self._done, self._styles = FontConfiguration(), 0, {}
        self._done += 1
        return self._fonts

    def _style(self, text: str, fonts: FontConfiguration) -> CSS:
        if text not in self._styles:
            fetcher = OwnFiles([self.faces.folder, self.images])
            self._styles[text] = CSS(string=text, font_config=fonts, url_fetcher=fetcher)
        return self._styles[text]


def _attachment(name: str, text: str, stamp: datetime) -> Attachment:
    relation = "Data" if name == "evidence.json" else "Supplement"
    return Attachment(string=text.encode(), name=name, created=stamp, modified=stamp, relationship=relation)


@lru_cache(maxsize=4)
def press(fonts: Path, images: Path) -> Press:
    """Return this process's press for a folder of faces and one of images."""
    return Press(Faces(fonts), images)


def troubles(faces: Faces) -> list[str]:
    """Return what would keep papers from being made well, as Chinese sentences; empty when all is there."""
    found = [f"缺少字体文件 {name}：请运行 script/setup" for name in faces.absent()]
    if harfbuzz_subset is None:
        found.append("缺少系统库 libharfbuzz-subset0：每页要 17 秒，请安装后重启")
    return found
