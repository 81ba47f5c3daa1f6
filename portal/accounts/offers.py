"""What accounts give: the dated settings of passwords and dormant accounts, and the first administrator."""

from datetime import datetime

import click

from portal.accounts import demo, services
from portal.accounts.terms import DORMANT_DAYS, PASSWORD_DAYS
from portal.ground.declare import Demo, Offers, Seed, SettingSpec


def sow(now: datetime) -> None:
    """Seat the first administrator on an empty database, and print the one-time password, once."""
    secret = services.seat_first(now=now)
    if secret is not None:
        click.echo("First administrator (printed once; it must be changed at the first login):")
        click.echo(f"  account   admin\n  password  {secret.password}")


OFFERS = Offers(
    settings=[
        SettingSpec(PASSWORD_DAYS, "密码最多用多少天", 180, "天", "0 表示不限"),
        SettingSpec(DORMANT_DAYS, "多少天没有登录就锁定账号", 90, "天", "0 表示不锁"),
    ],
    seeds=[Seed(20, sow, real_only=True)],
    demos=[Demo(20, "人员", demo.build)],
)
