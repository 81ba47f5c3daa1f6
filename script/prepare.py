"""Bring the office's folder and database up to date: secrets, migrations, starting data.

Runs the portal's own commands one after another in one process, so that what they import is loaded once and a
second start is quick. `--demo` builds the demonstration office where the database is empty and lists its logins.
"""

import os
import sys
from contextvars import copy_context

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import Connection, inspect

ALWAYS = ["secrets make", "db upgrade"]
STARTING_DATA = ["seed"]
DEMONSTRATION_AUTHORITY = ["papers authority"]
NO_DEMONSTRATION = ["demo absent"]
DEMONSTRATION_OFFICE = ["demo build --if-empty"]
LOGINS = ["demo logins"]


def commands(*, demo: bool, production: bool) -> list[str]:
    """The commands in their order.

    Production seals with the office's own certificate or not at all, and does not start on a demonstration's database,
    even where somebody has taken the mark out of its folder.
    """
    return [
        *ALWAYS,
        *(NO_DEMONSTRATION if production else DEMONSTRATION_AUTHORITY),
        *(DEMONSTRATION_OFFICE if demo else STARTING_DATA),
        "audit anchor",
        "kiosk purge",
        *(LOGINS if demo else []),
    ]


def prepare(*, demo: bool) -> None:
    """Run all that is due; SystemExit names the command that failed."""
    from portal import create_app, db  # after the environment is set

    apps = []

    def one_more() -> Flask:
        apps.append(create_app())
        return apps[-1]

    group = FlaskGroup(create_app=one_more, set_debug_flag=False)
    for command in commands(demo=demo, production=os.environ.get("PORTAL_ENV") == "production"):
        run(group, command)
        if command == "db upgrade":
            with apps[-1].app_context(), db.engine.connect() as connection:
                complete(connection)
    # No connection may live on in a process that is forked from this one.
    for app in apps:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def complete(connection: Connection) -> None:
    """Stop where tables or columns that the models name are not there, though every migration has run: each page that
    asks them would answer 系统正忙. One look at the catalogue, some milliseconds; tests compare the rest."""
    from portal import db

    stand = {
        table: {one["name"] for one in found} for (_, table), found in inspect(connection).get_multi_columns().items()
    }
    lacks = [
        table.name if table.name not in stand else f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name not in stand.get(table.name, ())
    ]
    if lacks := sorted(set(lacks)):
        more = f" and {len(lacks) - 5} more" if len(lacks) > 5 else ""
        raise SystemExit(
            f"stopped: the database lacks {', '.join(lacks[:5])}{more}, and no migration brings that: it was made by "
            "an unfinished version. Go back to the version that ran last, or bring back a copy (docs/backup.md); the "
            "folder of a demonstration may be deleted, a new one is built"
        )


def run(group: FlaskGroup, command: str) -> None:
    """Run one `flask …` command; SystemExit names the one that failed."""
    try:
        # In a context of its own: a command that only reads says so, and the next one may write.
        copy_context().run(group.main, command.split(), prog_name="flask", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(f"stopped: flask {command}") from error
    except click.Abort:
        raise SystemExit(f"stopped: flask {command}") from None


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    prepare(demo="--demo" in sys.argv)
