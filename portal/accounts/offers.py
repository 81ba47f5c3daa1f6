"""What accounts give: the rail, the dated settings of passwords and dormant accounts, the first administrator, the
desk's figures for those who keep accounts and grant roles, people in the one search."""

from collections.abc import Sequence
from datetime import datetime

import click
from flask import url_for

from portal.accounts import demo, queries, services
from portal.accounts.queries.seats import seat_cells, seat_chapter, standing_in
from portal.accounts.terms import (
    ABSOLUTE_HOURS,
    ADDRESS_FAILURES,
    DORMANT_DAYS,
    FAILURE_MINUTES,
    FAILURES,
    IDLE_MINUTES,
    IDLE_MINUTES_ADMINS,
    PASSWORD_CLASSES,
    PASSWORD_DAYS,
    PASSWORD_HISTORY,
    PASSWORD_LEAST,
    PASSWORD_LEAST_ADMINS,
    PASSWORD_LEAST_MOST,
    Listing,
)
from portal.areas.queries import places
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    AreaUse,
    ChapterOf,
    Column,
    Demo,
    DeskCard,
    Figure,
    Hit,
    NavEntry,
    Offers,
    SearchIn,
    Seed,
    SettingSpec,
)
from portal.web import now as this_instant


def sow(now: datetime) -> None:
    """Seat the first administrator on an empty database, and print the one-time password, once."""
    secret = services.seat_first(now=now)
    if secret is not None:
        click.echo("First administrator (printed once; it must be changed at the first login):")
        click.echo(f"  account   admin\n  password  {secret.password}")


def _setting(key: str, label: str, default: int, unit: str, least: int, most: int, source: str) -> SettingSpec:
    return SettingSpec(
        key, label, default, unit, source, group="登录与账号", least=least, most=most, needs=Can.SETTINGS_SYSTEM
    )


def find_by(_now: datetime) -> None:
    """Write down what people are found by, in an office that is older than the search."""
    services.fill_words()


def _waiting(_actor: Actor, now: datetime) -> Figure:
    """待授权 on the desk of 安全管理员, with how long the oldest has waited."""
    count, oldest = queries.waiting_since()
    days = (now.date() - oldest.date()).days if oldest else 0
    second = f"最早的等了 {days} 天" if days else "今天提请的" if count else "没有等着的"
    return Figure(f"{count:,}", "条", second, url_for("accounts.people.proposals"), asks=count)


def _bare(actor: Actor, now: datetime) -> Figure:
    """People in use who can do nothing yet, on the desk of 安全管理员."""
    count = queries.tallies(actor, tree=places(), on=now.date())["bare"]
    return Figure(
        f"{count:,}",
        "人",
        "提请以后才能授权" if count else "人人都有角色",
        url_for("accounts.people.index", view="bare"),
    )


def _people(actor: Actor, now: datetime) -> Figure:
    """People in use on the desk of 系统管理员, with those who can do nothing yet."""
    counted = queries.tallies(actor, tree=places(), on=now.date())
    second = f"还没有角色 {counted['bare']} · 已锁定 {counted['locked']}"
    return Figure(f"{counted['active']:,}", "人", second, url_for("accounts.people.index", view="active"))


def _find(actor: Actor, typed: str, limit: int) -> Sequence[Hit]:
    """People by name, pinyin, initials and account, within reach."""
    on = this_instant().date()
    want = queries.wanted(Listing(words=typed), actor=actor, tree=places(), on=on)
    return [
        Hit(line.name, " · ".join([line.login, *(f"{post.place}{post.role}" for post in line.posts[:1])]),
            url_for("accounts.people.show", id=line.id), "user")
        for line in queries.first(want, limit, tree=places(), on=on)
    ]  # fmt: skip


OFFERS = Offers(
    nav=[NavEntry("综合", "人员与岗位", "accounts.people.index", "users", 20)],
    settings=[
        _setting(FAILURES, "连错几次就停止登录", 5, "次", 3, 10, "同一账号、同一地址"),
        _setting(FAILURE_MINUTES, "连错后停多久", 15, "分钟", 5, 60, "多久以内连错，就停多久"),
        _setting(ADDRESS_FAILURES, "同一台电脑错几次就停", 60, "次", 20, 600, "不分账号；一个出口多人共用的可以放宽"),
        _setting(IDLE_MINUTES, "多久不动要重新登录", 30, "分钟", 5, 60, "没存的内容会留着"),
        _setting(IDLE_MINUTES_ADMINS, "三员多久不动要重新登录", 15, "分钟", 5, 30, "系统管理员、安全管理员、审计员"),
        _setting(ABSOLUTE_HOURS, "一次登录最长", 12, "小时", 1, 24, "到时间都要重新登录"),
        _setting(PASSWORD_LEAST, "密码至少几位", 8, "位", 8, PASSWORD_LEAST_MOST, "安全要求不少于 8 位"),
        _setting(PASSWORD_LEAST_ADMINS, "三员密码至少几位", 12, "位", 12, PASSWORD_LEAST_MOST, "安全要求不少于 12 位"),
        _setting(PASSWORD_CLASSES, "密码至少几种字符", 3, "种", 3, 4, "大写、小写、数字、符号；安全要求不少于 3 种"),
        _setting(PASSWORD_HISTORY, "不能重复最近几个密码", 5, "个", 3, 10, "安全要求不少于 3 个"),
        _setting(PASSWORD_DAYS, "密码最多用多少天", 180, "天", 0, 180, "安全要求不超过 180 天；0 表示不限"),
        _setting(DORMANT_DAYS, "多少天没有登录就锁定账号", 90, "天", 0, 365, "0 表示不锁"),
    ],
    columns=[Column("areas", "人员", seat_cells, 10)],
    chapters=[ChapterOf("area", seat_chapter, 10)],
    area_uses=[AreaUse("人员", "人", standing_in, 10)],
    seeds=[Seed(20, sow, real_only=True), Seed(21, find_by)],
    demos=[Demo(20, "人员", demo.build)],
    cards=[
        DeskCard("accounts.waiting", "待授权", "user-check", Can.PEOPLE_GRANT, _waiting, 700),
        DeskCard("accounts.bare", "还没有角色的人", "user-question", Can.PEOPLE_GRANT, _bare, 705),
        DeskCard("accounts.people", "在用的人员", "users", Can.PEOPLE_KEEP, _people, 710),
    ],
    search=[
        SearchIn(
            "people",
            "人员",
            "users",
            Can.PEOPLE_READ,
            _find,
            lambda typed: url_for("accounts.people.index", q=typed),
            30,
        )
    ],
)
