"""The parts of `create_app`: secrets, libraries, rooms, and the doors that belong to no room."""

import importlib
import importlib.util
import sqlite3
import tomllib
from collections.abc import Iterable
from functools import cache, reduce
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.cli import AppGroup
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.accounts import views as accounts
from portal.audit import services as audit
from portal.duties import queries as duties
from portal.ground import secrets as own_secrets
from portal.ground.config import ROOT
from portal.ground.db import db
from portal.ground.declare import Offers
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.ground.sealing import SealBroken, load_keys
from portal.kiosk import views as kiosk
from portal.reminders import queries as reminders
from portal.web import SIGNED_IN, Room, filters, now, page, security
from portal.web.door import Porter
from portal.web.kit import show as show_kit

SENTENCES = {
    400: "请求不完整，请返回上一页重新操作。",
    403: "您没有办理这一项的权限。需要的话，请找安全管理员授权。",
    404: "没有找到这一页，可能已经移走，或者不在您的管辖范围。",
    405: "这一步不能这样打开，请从页面上的按钮操作。",
    413: "上传的文件太大，单个文件不能超过 10 MB。",
    414: "这一页没有打开。请回首页，从菜单重新进。",
    429: "操作太频繁，请稍等几分钟再试。",
    500: "系统出了故障，没有保存任何内容。请稍后重试；仍不行请告诉系统管理员。",
    503: "系统正忙，请过一会儿再试。",
}


def secrets(app: Flask) -> None:
    """Load the session key and the sealing keys. RuntimeError where an office would be served without, or in production
    with a demonstration's; commands run without: one of them makes the secrets, another brings a copy back."""
    instance = app.config["INSTANCE"]
    if app.config["PRODUCTION"]:
        own_secrets.refuse_demonstration(instance)
    try:
        app.config.setdefault("SECRET_KEY", None)
        if not app.config["SECRET_KEY"]:
            app.config["SECRET_KEY"] = own_secrets.session_key(instance)
        app.extensions["sealer"] = app.config.get("SEALER") or load_keys(own_secrets.folder(instance) / "sealing")
    except (RuntimeError, OSError) as error:
        if click.get_current_context(silent=True) is None:
            raise RuntimeError(f"不启动：{error}") from error
    app.extensions["files"] = FileStore(instance / "files")


def libraries(app: Flask) -> None:
    """Start the libraries: database, migrations, logins, CSRF, words for templates, security headers."""
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=False)
    CSRFProtect(app)
    login = LoginManager(app, add_context_processor=False)
    login.session_protection = None
    login.user_loader(accounts.load_person)
    app.extensions["porter"] = Porter([accounts.present, kiosk.present], audit.refuse, accounts.way_to_login)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.install(app)
    security.guard(app)


def rooms(app: Flask, names: Iterable[str], *, public: bool) -> None:
    """Hang the rooms' doors, and collect their offers; their commands wait until somebody types one."""
    names = list(names)
    commands, app.cli = app.cli, RoomCommands(names)
    for command in commands.commands.values():
        app.cli.add_command(command)
    collected = []
    for name in names:
        for part in ("models", "views", "offers"):
            if importlib.util.find_spec(f"portal.{name}.{part}") is None:
                continue
            module = importlib.import_module(f"portal.{name}.{part}")
            if part == "views":
                _hang(
                    app,
                    module.public if public and hasattr(module, "public") else module.room,
                    public,
                    module,
                )
            if part == "offers":
                collected.append(module.OFFERS)
    app.extensions["offers"] = reduce(lambda whole, part: whole + part, collected, Offers())


class RoomCommands(AppGroup):
    """The command line's words: the rooms' commands are loaded when somebody types one, never in a web worker."""

    def __init__(self, names: Iterable[str]):
        super().__init__()
        self._rooms = list(names)

    def _load(self) -> None:
        while self._rooms:
            name = f"portal.{self._rooms.pop(0)}.commands"
            if importlib.util.find_spec(name) is not None:
                module = importlib.import_module(name)
                for command in getattr(module, "COMMANDS", None) or [module.group]:
                    self.add_command(command)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every word."""
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command behind a word."""
        self._load()
        return super().get_command(ctx, cmd_name)


def _hang(app: Flask, room: Room, public: bool, module: object) -> None:
    if public and not hasattr(module, "public"):
        return
    app.register_blueprint(room)
    if not public and hasattr(module, "public"):
        app.register_blueprint(module.public)


def doors(app: Flask) -> None:
    """Hang what belongs to no room: the first page, `/healthz`, the answers to errors."""
    app.extensions["say_no"] = say_no

    @app.context_processor
    def heart() -> dict[str, object]:
        """What the frame of staff pages asks: whether the clockwork is silent, and how many reminders are unread."""
        return {
            "clockwork": lambda: duties.heartbeat(now()),
            "unread_reminders": lambda: reminders.unread(g.actor.id, now=now()),
        }

    own = Room("house", __name__)

    @own.get("/", needs=None)
    def first() -> ResponseReturnValue:
        return redirect(url_for("accounts.first" if app.config["DOORS"] == "all" else "check.index"), 303)

    @own.get("/healthz", needs=None)
    def healthz() -> ResponseReturnValue:
        db.session.execute(text("SELECT 1"))
        # A balancer asks whether this process serves; whoever watches the office reads the second line too.
        words = ["ok"]
        if app.config["DOORS"] == "all":
            heart = duties.heard(now())
            words.append("clockwork silent" if heart.silent else "clockwork ok")
        return Response("\n".join(words) + "\n", content_type="text/plain; charset=utf-8")

    if app.config["DOORS"] == "all":
        _inner_doors(own)
    app.register_blueprint(own)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(Refused, say_no)
    app.register_error_handler(SealBroken, _seal_broken)
    for trouble in (OperationalError, sqlite3.OperationalError):
        app.register_error_handler(trouble, _database_trouble)
    app.register_error_handler(500, _fault)


def _inner_doors(own: Room) -> None:
    @own.get("/help/words", needs=SIGNED_IN)
    def words() -> ResponseReturnValue:
        return page("house/words.html", terms=glossary())

    @own.get("/kit", needs=SIGNED_IN)
    def kit() -> ResponseReturnValue:
        if not (current_app.debug or current_app.testing):
            abort(404)
        return show_kit()


@cache
def glossary() -> list[dict[str, Any]]:
    """Return the terms of the glossary."""
    source = (Path(__file__).parent / "glossary.toml").read_text("utf8")
    return tomllib.loads(source)["term"]


def say_no(refused: Refused) -> ResponseReturnValue:
    """Answer a refusal: 409 and its sentence, as a fragment for htmx, in the kiosk's frame on a kiosk."""
    if (shown := kiosk.refusal(refused.sentence, 409)) is not None:
        return shown
    name = "errors/_refused.html" if request.headers.get("HX-Request") == "true" else "errors/409.html"
    return render_template(name, sentence=refused.sentence), 409


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    code = error.code or 500
    db.session.rollback()
    if code == 413:
        security.drain()
    sentence = SENTENCES.get(code, SENTENCES[400 if code < 500 else 500])
    if code < 500 and (shown := kiosk.refusal(sentence, code)) is not None:
        return shown
    return render_template([f"errors/{code}.html", "errors/any.html"], code=code, sentence=sentence), code


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    db.session.rollback()
    if (shown := kiosk.refusal("这一页放得太久，已经失效。请按“重来”，再输一次签约码。", 400)) is not None:
        return shown
    if (late := accounts.late_answer()) is not None:
        return late
    sentence = "这一页放得太久，已经失效。请返回上一页刷新后再提交。"
    return render_template(["errors/400.html", "errors/any.html"], code=400, sentence=sentence), 400


def _seal_broken(broken: SealBroken) -> ResponseReturnValue:
    """Something sealed was asked for and cannot be opened: the page says so, the log says what."""
    current_app.logger.error("sealed value cannot be opened, %s: %s", request.endpoint, broken)
    db.session.rollback()
    return say_no(Refused("这里封存的资料打不开（密钥对不上，或者数据坏了），没有改动任何内容。请告诉系统管理员。"))


def _database_trouble(error: Exception) -> ResponseReturnValue:
    """The database is busy, gone or full: nothing was kept, and the page says what to do."""
    current_app.logger.error("database: %s", error)
    db.session.rollback()
    full = "full" in str(error) or "No space" in str(error)
    sentence = "服务器的磁盘满了，没有保存任何内容，请马上告诉系统管理员。" if full else SENTENCES[503]
    return render_template(["errors/503.html", "errors/any.html"], code=503, sentence=sentence), 503


def _fault(_error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return render_template(["errors/500.html", "errors/any.html"], code=500, sentence=SENTENCES[500]), 500
