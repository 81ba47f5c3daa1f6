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
    # No connection may live on in a process that is forked from this one.
    for app in apps:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


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
