"""Commands above all rooms: starting data (`flask seed`) and the demonstration office (`flask demo …`)."""

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import downgrade, upgrade

from portal.accounts import demo as accounts_demo
from portal.ground import later, secrets
from portal.ground.actor import SYSTEM, Actor
from portal.ground.config import DEMO_MARK
from portal.ground.db import db
from portal.ground.declare import offers

SEED = 20260330
#: Written last: a demonstration without it was cut short and is built anew.
DEMO_DONE = "demonstration-built"


@dataclass
class DemoContext:
    """What the rooms' demonstration parts share: a fixed seed, the instant, and what lower rooms have made."""

    now: datetime
    by: Actor = SYSTEM
    random: Random = field(default_factory=lambda: Random(SEED))
    faker: Any = field(default_factory=lambda: _faker())
    made: dict[str, Any] = field(default_factory=dict)


def _faker() -> Any:
    faker = later.module("faker").Faker("zh_CN")
    faker.seed_instance(SEED)
    return faker


def _now() -> datetime:
    return current_app.extensions["clock"].now()


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Put the starting data in; harmless to repeat."""
    _sow(demo=current_app.config["DEMO"])


def _sow(*, demo: bool) -> None:
    for one in sorted(offers().seeds, key=lambda offer: offer.order):
        if not (demo and one.real_only):
            one.sow(_now())
            db.session.commit()


demo = AppGroup("demo", help="The demonstration office: invented people, marked 演示.")


@demo.command("build")
@click.option("--if-empty", is_flag=True, help="Build only where no office stands yet.")
def build(if_empty: bool) -> None:
    """Build the demonstration office in this instance folder, anew."""
    folder = current_app.config["INSTANCE"]
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("production holds no demonstration office")
    if (folder / DEMO_MARK).exists():
        secrets.mark_demonstration(folder)
        if if_empty and (folder / DEMO_DONE).exists():
            _sow(demo=True)
            click.echo("the demonstration office stands")
            return
        _clear(current_app._get_current_object())  # type: ignore[attr-defined]
    elif _stands():
        raise click.ClickException("a real office stands in this folder: the demonstration has a folder of its own")
    current_app.config["DEMO"] = True  # papers registered from here on say that they are a demonstration
    # The mark comes first: a build that dies half-way is still known for what it is, and can be built anew.
    (folder / DEMO_MARK).write_text("This folder holds the demonstration office; everybody in it is invented.\n")
    secrets.mark_demonstration(folder)
    _sow(demo=True)
    context = DemoContext(_now())
    for part in sorted(offers().demos, key=lambda offer: offer.order):
        click.echo(f"  {part.label}")
        part.build(context)
        db.session.commit()
    (folder / DEMO_DONE).write_text("built\n")
    click.echo("the demonstration office stands")


@demo.command("logins")
def logins() -> None:
    """Print the demonstration logins."""
    for line in accounts_demo.logins():
        click.echo(line)


@demo.command("absent")
def absent() -> None:
    """Stop where a demonstration account still opens with its published password: no real office runs on that."""
    found = accounts_demo.still_open()
    if found:
        named = ", ".join(found[:5])
        raise click.ClickException(
            f"this database holds {len(found)} demonstration accounts that the published password opens ({named}). "
            "Production starts on a database of its own: point DATABASE_URL or PORTAL_INSTANCE at it"
        )
    click.echo("no demonstration account is open")


def _stands() -> bool:
    """Tell whether an office stands already: a person (the first administrator), or a shop."""
    tables = db.metadata.tables
    people = db.session.execute(db.select(db.func.count()).select_from(tables["accounts_people"])).scalar_one()
    shops = db.session.execute(db.select(db.func.count()).select_from(tables["merchants_shops"])).scalar_one()
    return people > 0 or shops > 0


def _clear(app: Flask) -> None:
    """Empty the demonstration's database and files: the tables are dropped and migrated again."""
    (app.config["INSTANCE"] / DEMO_DONE).unlink(missing_ok=True)
    db.session.remove()
    downgrade(revision="base")
    upgrade()
    shutil.rmtree(app.config["INSTANCE"] / "files", ignore_errors=True)


def hang(app: Flask) -> None:
    """Hang the commands."""
    app.cli.add_command(seed)
    app.cli.add_command(demo)
