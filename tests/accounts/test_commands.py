"""`flask people …`: how the first people are seated (rules 6 and 10)."""

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.accounts import demo
from portal.ground.db import db, writing
from tests import trail
from tests.accounts.holdings import give, offered
from tests.cast import Cast
from tests.conftest import NOON, a_visitor


def run(site: Flask, *words: str) -> tuple[int, str]:
    found = site.test_cli_runner().invoke(args=["people", *words])
    assert not isinstance(found.exception, Exception), found.exception
    return found.exit_code, found.output


def password_in(said: str) -> str:
    found = re.search(r"one-time password  (\S+)", said)
    assert found is not None, said
    return found[1]


def test_add_with_a_slip(site: Flask, tmp_path: Path) -> None:
    slip = tmp_path / "slip.html"
    words = ["add", "sunli", "孙丽（演示）".replace("（演示）", ""), "auditor", "GX", "--phone", "138 1234 5678"]
    code, said = run(site, *words, "--slip", str(slip))
    assert code == 0
    secret = password_in(said)
    paper = slip.read_text("utf8")
    assert secret in paper and "孙丽" in paper and "sunli" in paper
    assert slip.stat().st_mode & 0o777 == 0o600
    visitor = a_visitor(site)
    assert visitor.post("/login", {"login": "sunli", "password": secret}).status_code == 303
    assert visitor.get("/trail/").location == "/account/password"
    assert [one[1:3] for one in trail.told(site, "accounts.add")] == [("person:17", "ok")]
    assert trail.told(site, "accounts.add")[0][0].startswith("命令行（")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["add", "staff", "孙丽", "auditor", "GX"], "已经有了", id="taken"),
        pytest.param(["add", "Sun Li", "孙丽", "auditor", "GX"], "小写字母", id="account name"),
        pytest.param(["add", "sunli", "孙\u200b丽", "auditor", "GX"], "U+200B", id="a name with an invisible sign"),
        pytest.param(["add", "sunli", "孙丽", "auditor", "ZZ"], "no area has the code ZZ", id="area"),
        pytest.param(["add", "sunli", "孙丽", "auditor", "MY"], "只能在街道", id="level"),
        pytest.param(["add", "sunli", "孙丽", "auditor", "GX", "--phone", "12"], "", id="telephone"),
        pytest.param(["role", "admin", "auditor", "GX"], "三员分设", id="two duties"),
        pytest.param(["role", "nobody", "auditor", "GX"], "nobody has the account", id="nobody"),
        pytest.param(["authority", "leader", "GX", "--until", "2027-01-01", "--basis", "x"], "不能代表甲方", id="role"),
    ],
)
def test_refusals_are_said_and_leave_nothing(site: Flask, words: list[str], said: str) -> None:
    before = run(site, "list")[1]
    code, output = run(site, *words)
    assert code == 1 and said in output, output
    assert run(site, "list")[1] == before
    assert trail.told(site, "") == []


@pytest.mark.parametrize("words", [["authority", "secretary", "MY"], ["add", "sunli", "孙丽", "king", "GX"]])
def test_usage(site: Flask, words: list[str]) -> None:
    assert run(site, *words)[0] == 2


def test_unlock_lets_in(site: Flask) -> None:
    visitor = a_visitor(site)
    for _ in range(6):
        visitor.post("/login", {"login": "staff", "password": "Wrong-7316"})
    assert run(site, "unlock", "staff")[0] == 0
    visitor.sign_in("staff")


def test_role_and_authority(site: Flask) -> None:
    assert run(site, "role", "secretary", "community_staff", "SB")[0] == 0
    basis = "授权书〔2026〕9号"
    assert run(site, "authority", "secretary", "SB", "--until", "2027-06-30", "--basis", basis)[0] == 0
    said = run(site, "list")[1]
    assert f"甲方确认 石坝村 至 2027-06-30（不含）{basis}" in said
    assert "1 authorities ended" in run(site, "authority", "secretary", "SB", "--end")[1]
    assert basis not in run(site, "list")[1]
    assert run(site, "role", "secretary", "community_staff", "SB", "--end")[0] == 0


def test_leave_and_return(site: Flask) -> None:
    staff = a_visitor(site).sign_in("staff")
    assert run(site, "leave", "staff")[0] == 0
    assert staff.get("/account").status_code == 303
    assert "已离岗" in run(site, "list")[1]
    assert run(site, "unlock", "staff")[0] == 0
    assert "没有角色" in next(line for line in run(site, "list")[1].splitlines() if line.startswith("staff "))


def test_who_leaves_hands_over(site: Flask) -> None:
    offered(site)
    with site.app_context():
        writing.set(True)
        give(Cast.load(NOON)["staff"], NOON)
        db.session.commit()
    code, said = run(site, "leave", "staff")
    assert code == 1 and "还有没导完的底册 1 张" in said
    code, said = run(site, "leave", "staff", "--to", "secretary")
    assert code == 0 and "1 things handed over to secretary" in said
    assert [line[3]["counts"] for line in trail.told(site, "accounts.leave")] == [{"test.sheets": 1}]


def test_the_last_administrator_stays(site: Flask) -> None:
    code, said = run(site, "leave", "admin")
    assert code == 1 and "最后一位在用的系统管理员" in said


def test_roles_are_listed(site: Flask) -> None:
    assert len(run(site, "roles")[1].splitlines()) == 15


def test_the_demonstration_password_is_a_good_one() -> None:
    from portal.accounts.rules import password_faults
    from portal.accounts.terms import PasswordRule

    logins = [login for login, *_ in demo.LEADING]
    assert not [login for login in logins if password_faults(demo.PASSWORD, login=login, rule=PasswordRule(14, 3))]


def test_the_seed_seats_the_first_administrator(empty_site: Flask) -> None:
    said = empty_site.test_cli_runner().invoke(args=["seed"]).output
    secret = re.search(r"password  (\S+)", said)
    assert secret is not None, said
    visitor = a_visitor(empty_site)
    assert visitor.post("/login", {"login": "admin", "password": secret[1]}).status_code == 303
    assert visitor.get("/account").location == "/account/password", "it must be changed"
    change = {"current": secret[1], "new": "Yulan-731625", "again": "Yulan-731625"}
    assert visitor.post("/account/password", change).status_code == 303
    assert visitor.get("/account").status_code == 200
    assert "password" not in empty_site.test_cli_runner().invoke(args=["seed"]).output, "printed once"
