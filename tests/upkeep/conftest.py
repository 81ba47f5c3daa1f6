"""An office with something to lose, on both databases, and folders of its own for copies and keys."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from portal.ground.db import db
from portal.ground.files import FileStore
from tests.cast import Cast
from tests.merchants.shops import a_shop


@pytest.fixture
def office(house: Flask, cast: Cast, now: datetime, tmp_path: Path) -> Flask:
    """A house with a shop, a sealed telephone, a file that a row names, and folders for copies and keys."""
    house.config.update(BACKUP=str(tmp_path / "backups"), BACKUP_KEYS=str(tmp_path / "keys"), BACKUP_SECOND="")
    shop = a_shop(now, by=cast["staff"])
    store: FileStore = house.extensions["files"]
    shop.photo = store.put(b"picture", ".jpg")
    db.session.commit()
    return house
