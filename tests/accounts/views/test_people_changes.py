"""What 系统管理员 changes, verb by verb: new, edit, lock, unlock, password, leave; and the file page."""

import pytest
from flask import Flask

from portal.accounts.terms import PersonState
from portal.ground.db import db, writing
from tests.accounts.holdings import give, offered
from tests.accounts.views.people import asked, hidden, person_id, phone_of, read, role_id, secret_in, text, waiting
from tests.cast import PASSWORD, Cast
from tests.conftest import NOON, Visitor, a_visitor
from tests.trail import told


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    return visitor.sign_in("admin")


NEW = {"name": "王芳", "login": "wangfang", "phone": "138 1234 5678", "role": "", "area": "", "from_on": "2026-11-25"}

# the file ---------------------------------------------------------------------------------------------------


def test_the_file(site: Flask, admin: Visitor) -> None:
    page = text(admin.get(f"/people/{person_id(site, 'staff')}"))
    assert "周敏（演示）" in page and "社区工作人员" in page and "街道授权〔2026〕1号（演示）" in page
    assert "担任明月社区 · 社区工作人员" in page and "没有要交接的事" in page
    assert "办离岗" in page and "重置密码" in page and "授予角色" not in page


def test_the_file_for_a_colleague(site: Flask, staff: Visitor) -> None:
    page = text(staff.get(f"/people/{person_id(site, 'grid')}"))
    assert "网格员" in page
    assert "最近的登录" not in page and "重置密码" not in page and "改资料" not in page, "that is the keepers' matter"


def test_somebody_out_of_reach_is_404(site: Flask, staff: Visitor) -> None:
    for login in ("village", "leader", "admin"):
        assert staff.get(f"/people/{person_id(site, login)}").status_code == 404


def test_what_is_held_stands_on_the_file(site: Flask, admin: Visitor) -> None:
    offered(site)
    hold(site, "staff")
    page = text(admin.get(f"/people/{person_id(site, 'staff')}"))
    assert "没导完的底册" in page and "1 张" in page


def hold(site: Flask, login: str) -> None:
    with site.app_context():
        writing.set(True)
        give(Cast.load(NOON)[login], NOON)
        db.session.commit()


# new --------------------------------------------------------------------------------------------------------


def test_new(site: Flask, admin: Visitor) -> None:
    assert "建账号和授角色分开办" in text(admin.get("/people/new"))
    answer = admin.post("/people/", NEW)
    page = text(answer)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    secret = secret_in(page)
    person = read(site, "wangfang")
    assert (person.name, person.must_change, person.roles) == ("王芳", True, [])
    assert phone_of(site, "wangfang") == "13812345678"
    assert secret not in text(admin.get(f"/people/{person.id}")), "shown once"
    newcomer = a_visitor(site)
    assert newcomer.post("/login", {"login": "wangfang", "password": secret}).status_code == 303
    assert newcomer.get("/account").location == "/account/password"
    assert told(site, "accounts.add") == [("系统（演示）", f"person:{person.id}", "ok", {"login": "wangfang"})]


def test_new_with_a_role_that_is_asked_for(site: Flask, admin: Visitor) -> None:
    answer = admin.post("/people/", {**NEW, "role": "grid_worker", "area": "MY-02"})
    assert "等安全管理员授予" in text(answer)
    one = waiting(site)
    assert one is not None and one.role == "grid_worker" and read(site, "wangfang").roles == []


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param({"name": ""}, "请照身份证填姓名", id="no name"),
        pytest.param({"name": "王\u200b芳"}, "U+200B", id="an invisible sign"),
        pytest.param({"login": "Wang Fang"}, "小写字母", id="account name"),
        pytest.param({"login": "staff"}, "已经有了", id="taken"),
        pytest.param({"phone": "12"}, "手机", id="telephone"),
        pytest.param({"role": "grid_worker"}, "要么都选", id="a role without a place"),
        pytest.param({"role": "grid_worker", "area": "MY"}, "只能在网格", id="level"),
        pytest.param({"role": "king", "area": "MY"}, "", id="no such role"),
        pytest.param(
            {"role": "leader", "area": "GX", "from_on": "2026-11-24"}, "不能早于今天", id="a day that has passed"
        ),
    ],
)
def test_bad_input_is_422_and_leaves_nothing(site: Flask, admin: Visitor, sent: dict[str, str], says: str) -> None:
    answer = admin.post("/people/", {**NEW, **sent})
    page = text(answer)
    assert answer.status_code == 422 and says in page and "<b><code>" not in page
    assert "共 16 人" in text(admin.get("/people/")) and told(site, "accounts.add") == []


def test_sent_twice_makes_one(site: Flask, admin: Visitor) -> None:
    assert admin.post("/people/", NEW).status_code == 200
    assert admin.post("/people/", NEW).status_code == 422
    assert len(told(site, "accounts.add")) == 1


# edit -------------------------------------------------------------------------------------------------------


def test_edit(site: Flask, admin: Visitor) -> None:
    number = person_id(site, "staff")
    version = hidden(text(admin.get(f"/people/{number}/edit")), "version")
    sent = {"version": version, "name": "周敏芝", "phone": "13812345678"}
    assert admin.post(f"/people/{number}/edit", sent).status_code == 303
    assert read(site, "staff").name == "周敏芝" and phone_of(site, "staff") == "13812345678"
    page = text(admin.get(f"/people/{number}/edit"))
    assert "138****5678" in page and "13812345678" not in page
    sent = {"version": hidden(page, "version"), "name": "周敏芝", "phone": ""}
    admin.post(f"/people/{number}/edit", sent)
    assert phone_of(site, "staff") == "13812345678", "blank leaves it"
    admin.post(f"/people/{number}/edit", {**sent, "forget": "y"})
    assert phone_of(site, "staff") is None
    assert [line[3] for line in told(site, "accounts.edit")] == [{"fields": ["姓名", "手机"]}, {"fields": ["手机"]}]


def test_a_mail_address_is_masked_kept_and_taken_away(site: Flask, admin: Visitor) -> None:
    number = person_id(site, "staff")

    def send(**more: str) -> int:
        page = text(admin.get(f"/people/{number}/edit"))
        sent = {"version": hidden(page, "version"), "name": "周敏（演示）", "phone": ""}
        return int(admin.post(f"/people/{number}/edit", {**sent, **more}).status_code)

    assert "邮箱" not in text(admin.get(f"/people/{number}"))
    assert send(mail="zhoumin@guixi.lan\r\nBcc: li@guixi.lan") == 422
    assert send(mail="ｚｈｏｕｍｉｎ@GUIXI.lan") == 303
    for url in (f"/people/{number}", f"/people/{number}/edit"):
        page = text(admin.get(url))
        assert "z***@guixi.lan" in page and "zhoumin@" not in page
    assert send(mail="") == 303
    assert "z***@guixi.lan" in text(admin.get(f"/people/{number}")), "blank leaves it"
    assert send(mail="", forget_mail="y") == 303
    assert "guixi.lan" not in text(admin.get(f"/people/{number}"))
    assert [line[3] for line in told(site, "accounts.edit")] == [{"fields": ["邮箱"]}] * 2


def test_two_clerks_edit_one_person(site: Flask, admin: Visitor) -> None:
    number = person_id(site, "staff")
    sent = {"version": hidden(text(admin.get(f"/people/{number}/edit")), "version"), "name": "周敏芝"}
    assert admin.post(f"/people/{number}/edit", sent).status_code == 303
    answer = admin.post(f"/people/{number}/edit", {**sent, "name": "周敏之"})
    assert answer.status_code == 409
    assert "他人已先修改" in text(answer) and 'value="周敏之"' in text(answer), "what was typed is still there"
    assert read(site, "staff").name == "周敏芝"


def test_edit_422(site: Flask, admin: Visitor) -> None:
    answer = admin.post(f"/people/{person_id(site, 'staff')}/edit", {"version": "1", "name": "1"})
    assert answer.status_code == 422


# lock and unlock --------------------------------------------------------------------------------------------


def test_lock_and_unlock(site: Flask, admin: Visitor, clock: object) -> None:
    staff, number = a_visitor(site).sign_in("staff"), person_id(site, "staff")
    page = text(admin.get(f"/people/{number}/lock"))
    sent = {"version": hidden(page, "version"), "reason": "长期病假"}
    assert admin.post(f"/people/{number}/lock", {**sent, "reason": " "}).status_code == 422
    assert admin.post(f"/people/{number}/lock", sent).status_code == 303
    assert staff.get("/account").status_code == 303, "all sessions end"
    page = text(admin.get(f"/people/{number}"))
    assert "已锁定" in page and "长期病假" in page
    assert admin.post(f"/people/{number}/lock", sent).status_code == 409, "pressed twice"
    sent = {"version": hidden(page, "version")}
    assert admin.post(f"/people/{number}/unlock", sent).status_code == 303
    a_visitor(site).sign_in("staff")
    assert [line[1] for line in told(site, "accounts.lock")] == [f"person:{number}"]
    assert admin.post(f"/people/{number}/unlock", sent).status_code == 409, "an older page"


def test_wrong_passwords_are_seen_and_forgiven(site: Flask, admin: Visitor) -> None:
    number, guest = person_id(site, "staff"), a_visitor(site)
    for _ in range(5):
        guest.post("/login", {"login": "staff", "password": "Wrong-7316"})
    page = text(admin.get(f"/people/{number}"))
    assert "密码试错太多，10:15 前不能登录" in page and "密码不正确" in page
    assert admin.post(f"/people/{number}/unlock", {"version": hidden(page, "version")}).status_code == 303
    a_visitor(site).sign_in("staff")


# password ---------------------------------------------------------------------------------------------------


def test_password(site: Flask, admin: Visitor) -> None:
    staff, number = a_visitor(site).sign_in("staff"), person_id(site, "staff")
    version = hidden(text(admin.get(f"/people/{number}")), "version")
    answer = admin.post(f"/people/{number}/password", {"version": version})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    secret = secret_in(text(answer))
    assert staff.get("/account").status_code == 303, "all sessions end"
    assert a_visitor(site).post("/login", {"login": "staff", "password": PASSWORD}).status_code == 422
    assert a_visitor(site).post("/login", {"login": "staff", "password": secret}).status_code == 303
    again = admin.post(f"/people/{number}/password", {"version": version})
    assert again.status_code == 409, "pressed twice: the slip in hand stays good"
    assert a_visitor(site).post("/login", {"login": "staff", "password": secret}).status_code == 303
    assert len(told(site, "accounts.reset_password")) == 1


def test_ones_own_password_is_changed_elsewhere(site: Flask, admin: Visitor) -> None:
    answer = admin.post(f"/people/{person_id(site, 'admin')}/password", {"version": "1"})
    assert answer.status_code == 409 and "我的账号" in text(answer)


# leaving ----------------------------------------------------------------------------------------------------


def test_leave_with_nothing_in_hand(site: Flask, admin: Visitor) -> None:
    staff, number = a_visitor(site).sign_in("staff"), person_id(site, "staff")
    page = text(admin.get(f"/people/{number}/departure"))
    assert "没有要交接的事" in page
    sent = {"version": hidden(page, "version")}
    assert admin.post(f"/people/{number}/departure", sent).status_code == 303
    assert staff.get("/account").status_code == 303
    person = read(site, "staff")
    assert person.state is PersonState.LEFT and all(role.until_on == NOON.date() for role in person.roles)
    assert "不用再办" in text(admin.get(f"/people/{number}/departure"))
    assert admin.post(f"/people/{number}/departure", sent).status_code == 409
    page = text(admin.get(f"/people/{number}"))
    assert "恢复账号" in page and "提请角色" not in page
    assert admin.post(f"/people/{number}/unlock", {"version": hidden(page, "version")}).status_code == 303
    assert read(site, "staff").state is PersonState.ACTIVE


def test_a_person_removed_who_still_holds_things(site: Flask, admin: Visitor) -> None:
    offered(site)
    hold(site, "staff")
    number, taker = person_id(site, "staff"), person_id(site, "secretary")
    page = text(admin.get(f"/people/{number}/departure"))
    assert "没导完的底册" in page and "书记（演示）" in page
    assert page.index('<optgroup label="明月社区">') < page.index('<optgroup label="桂溪街道">'), "one's own first"
    sent = {"version": hidden(page, "version")}
    answer = admin.post(f"/people/{number}/departure", {**sent, "taker": ""})
    assert answer.status_code == 409
    assert "还有没导完的底册 1 张，请选好接手人" in text(answer)
    assert read(site, "staff").state is PersonState.ACTIVE
    answer = admin.post(f"/people/{number}/departure", {**sent, "taker": str(taker)})
    assert answer.status_code == 303
    assert "交出 1 件" in text(admin.get(f"/people/{number}"))
    assert "接手" in text(admin.get(f"/people/{taker}"))
    [line] = told(site, "accounts.leave")
    assert line[3] == {"counts": {"test.sheets": 1}, "takers": {"test.sheets": taker}}


def test_a_taker_for_one_kind(site: Flask, admin: Visitor) -> None:
    offered(site)
    hold(site, "staff")
    number = person_id(site, "staff")
    sent = {
        "version": hidden(text(admin.get(f"/people/{number}/departure")), "version"),
        "taker": str(person_id(site, "secretary")),
        "taker-test.sheets": str(person_id(site, "village")),
    }
    answer = admin.post(f"/people/{number}/departure", sent)
    assert answer.status_code == 409 and "不在离岗人的社区，也不在街道" in text(answer)
    assert "村干部（演示）" not in text(answer).partition("<select")[2], "nobody of another community is offered"
    sent["taker-test.sheets"] = str(person_id(site, "office"))
    assert admin.post(f"/people/{number}/departure", sent).status_code == 303
    assert told(site, "accounts.leave")[0][3]["takers"] == {"test.sheets": person_id(site, "office")}


def test_an_older_page_is_409(site: Flask, admin: Visitor) -> None:
    number = person_id(site, "staff")
    sent = {"version": hidden(text(admin.get(f"/people/{number}/departure")), "version")}
    admin.post(f"/people/{number}/edit", {**sent, "name": "周敏芝"})
    answer = admin.post(f"/people/{number}/departure", sent)
    assert answer.status_code == 409 and "他人已先修改" in text(answer)


@pytest.mark.parametrize(("login", "label"), [("security", "安全管理员"), ("auditor", "审计员")])
@pytest.mark.parametrize("door", ["departure", "lock"])
def test_whoever_keeps_accounts_shuts_out_no_last_one_of_the_other_duties(
    site: Flask, admin: Visitor, login: str, label: str, door: str
) -> None:
    """三员: 系统管理员 alone would be watched by nobody (rules 6)."""
    number = person_id(site, login)
    sent = {"version": hidden(text(admin.get(f"/people/{number}/departure")), "version"), "reason": "away"}
    answer = admin.post(f"/people/{number}/{door}", sent)
    assert answer.status_code == 409 and f"最后一位在用的{label}" in text(answer)
    a_visitor(site).sign_in(login)


# the ladder's other rungs, for every door -------------------------------------------------------------------

DOORS = ["edit", "lock", "departure"]
POSTS = [*DOORS, "password", "unlock", "proposals"]


@pytest.mark.parametrize("door", ["new", *DOORS, "proposals/new"])
@pytest.mark.parametrize("login", ["security", "staff", "grid"])
def test_without_the_key_403(site: Flask, login: str, door: str) -> None:
    visitor = a_visitor(site).sign_in(login)
    address = "/people/new" if door == "new" else f"/people/{person_id(site, 'grid')}/{door}"
    assert visitor.get(address).status_code == 403


@pytest.mark.parametrize("door", POSTS)
def test_posting_without_the_key_403(site: Flask, staff: Visitor, door: str) -> None:
    assert staff.post(f"/people/{person_id(site, 'grid')}/{door}").status_code == 403
    assert [line[0] for line in told(site, "web.refuse")] == ["周敏（演示）"]


@pytest.mark.parametrize("door", POSTS)
def test_nobody_there_is_404(admin: Visitor, door: str) -> None:
    assert admin.post(f"/people/9999/{door}").status_code == 404


@pytest.mark.parametrize("door", ["password", "unlock", "proposals"])
def test_get_is_405(site: Flask, admin: Visitor, door: str) -> None:
    number = person_id(site, "staff")
    assert admin.get(f"/people/{number}/{door}").status_code == 405
    assert admin.get(f"/people/{number}/roles/{role_id(site, 'staff')}/end").status_code == 405


@pytest.mark.parametrize("door", POSTS)
def test_a_stranger_goes_to_the_login(site: Flask, visitor: Visitor, door: str) -> None:
    answer = visitor.post(f"/people/{person_id(site, 'staff')}/{door}")
    assert answer.status_code == 303 and "/login" in answer.location


def test_looking_writes_nothing(site: Flask, admin: Visitor) -> None:
    number = person_id(site, "staff")
    asked(site, admin, "staff", "community_staff", "SB")
    before = len(told(site, ""))
    for address in ("", "/edit", "/lock", "/departure", "/proposals/new"):
        assert admin.get(f"/people/{number}{address}").status_code == 200
    for address in ("", "new", "proposals", "export", "sheets/new", "sheets/template.xlsx"):
        assert admin.get(f"/people/{address}").status_code == 200
    assert len(told(site, "")) == before
