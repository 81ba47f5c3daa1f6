"""What copying needs to know of a database: how it is copied, checked, opened on trial and put back. `sqlite` and
`postgres` know it; only the one in use is loaded."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, make_url

from portal.ground import later
from portal.ground.db import db
from portal.upkeep.services.counting import Ask, Counted

if TYPE_CHECKING:
    from portal.upkeep.services import postgres, sqlite
else:
    postgres = later.module("portal.upkeep.services.postgres")
    sqlite = later.module("portal.upkeep.services.sqlite")


class Engine(Protocol):
    """One kind of database. What does not work out is `Refused` or an OSError, with nothing changed."""

    name: str
    file: str

    def copy(self, target: Path) -> Counted:
        """Copy the running office's database into a file; return what stood in it at that instant."""

    def faults(self, copy: Path) -> list[str]:
        """Return what the database's own check finds wrong with a copy."""

    def on_trial(self, copy: Path, scratch: Path) -> AbstractContextManager[Connection]:
        """Bring a copy back into a scratch database, for as long as the `with` lasts."""

    def counted(self, ask: Ask) -> Counted:
        """Count the rows of every table, and read the trail's head and the migrations' revision."""

    def stands(self) -> bool:
        """Tell whether the office has a database at all."""

    def in_use(self) -> bool:
        """Tell whether any other program has the office's database open."""

    def put_back(self, copy: Path, aside: Path) -> str:
        """Put a copy in the place of the office's database, which goes aside; return where that is now."""


def engine() -> Engine:
    """Return the engine of the office's database."""
    url = make_url(db.engine.url)
    if url.get_backend_name() == "sqlite":
        return sqlite.SQLite(Path(str(url.database)))
    return postgres.PostgreSQL(url)
