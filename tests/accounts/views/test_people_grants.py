"""What 安全管理员 grants and takes back, verb by verb: roles, 甲方 authorities, and what was asked for (待授权)."""

from datetime import datetime

import pytest
from flask import Flask

from portal.accounts.models import Authority, Proposal
from portal.accounts.terms import ProposalState
from tests.accounts.views.people import asked, first, person_id, read, role_id, text
from tests.conftest import Visitor, a_visitor
from tests.places.streets import planted
from tests.trail import told

ROLE = {"role": "community_staff", "area": "SB", "from_on": "2026-11-25"}
AUTHORITY = {"area": "MY-01", "from_on": "2026-11-25", "last_on": "2027-11-24", "basis": "授权书〔2026〕9号"}


@pytest.fixture
def security(visitor: Visitor) -> Visitor:
    return visitor.sign_in("security")


@pytest.fixture
def admin(site: Flask) -> Visitor:
    return a_visitor(site).sign_in("admin")


# roles ------------------------------------------------------------------------------------------------------


def test_give_and_take_back(site: Flask, security: Visitor) -> None:
    number = person_id(site, "staff")
    assert "授予角色" in text(security.get(f"/people/{number}"))
    assert "社区工作人员" in text(security.get(f"/people/{number}/roles/new"))
    assert security.post(f"/people/{number}/roles", ROLE).status_code == 303
    assert {role.role for role in read(site, "staff").roles} == {"community_staff"}
    newest = max(role.id for role in read(site, "staff").roles)
    assert security.post(f"/people/{number}/roles/{newest}/end").status_code == 303
    answer = security.post(f"/people/{number}/roles/{newest}/end")
    assert answer.status_code == 409 and "不是社区工作人员" in text(answer), "pressed twice"
    assert [line[3] for line in told(site, "accounts.give_role")] == [
        {"role": "community_staff 社区工作人员", "area": "SB"}
    ]
    assert len(told(site, "accounts.end_role")) == 1


def test_what_stays_in_hand_is_said_before_and_after(site: Flask, security: Visitor, now: datetime) -> None:
    """R3: who takes the last post there back reads what then has nobody to do it."""
    planted(site, now, {"keeper": "grid"}, {"name": "水塔巷", "keeper": "grid"})
    number, own = person_id(site, "grid"), read(site, "grid").roles[0].id
    assert "仍在此人名下：负责的路段 2 条" in text(security.get(f"/people/{number}"))
    assert "此人手里没有要交接的事" in text(security.get(f"/people/{person_id(site, 'staff')}"))
    assert security.post(f"/people/{number}/roles/{own}/end").status_code == 303
    shown = text(security.get(f"/people/{number}"))
    assert "已收回网格员；此人手里还有负责的路段 2 条，这里已没有岗位来办，请尽快安排人接手" in shown


@pytest.mark.parametrize(
    ("login", "sent", "status", "says"),
    [
        pytest.param("staff", {"role": ""}, 422, "请选角色", id="no role"),
        pytest.param("staff", {"area": "ZZ"}, 422, "没有存上", id="no such place"),
        pytest.param("staff", {"from_on": "昨天"}, 422, "不是日期", id="no day"),
        pytest.param("staff", {"from_on": "2026-11-24"}, 409, "不能早于今天", id="a day that has passed"),
        pytest.param("staff", {"role": "auditor", "area": "GX"}, 409, "三员分设", id="duties apart"),
        pytest.param("staff", {"area": "MY"}, 409, "已经是", id="held already"),
        pytest.param("security", {"role": "leader", "area": "GX"}, 409, "不能给自己授权", id="oneself"),
    ],
)
def test_roles_that_are_refused(
    site: Flask, security: Visitor, login: str, sent: dict[str, str], status: int, says: str
) -> None:
    answer = security.post(f"/people/{person_id(site, login)}/roles", {**ROLE, **sent})
    assert answer.status_code == status and says in text(answer)
    assert told(site, "accounts.give_role") == []


def test_a_role_of_somebody_else_is_404(site: Flask, security: Visitor) -> None:
    other = role_id(site, "grid")
    assert security.post(f"/people/{person_id(site, 'staff')}/roles/{other}/end").status_code == 404


def test_the_last_one_stays(site: Flask, security: Visitor) -> None:
    answer = security.post(f"/people/{person_id(site, 'admin')}/roles/{role_id(site, 'admin')}/end")
    assert answer.status_code == 409 and "最后一位在用的系统管理员" in text(answer)


# authorities ------------------------------------------------------------------------------------------------


def test_authority(site: Flask, security: Visitor) -> None:
    number = person_id(site, "secretary")
    assert "明月社区一网格" in text(security.get(f"/people/{number}/authorities/new"))
    assert security.post(f"/people/{number}/authorities", AUTHORITY).status_code == 303
    given = first(site, Authority, person_id=number)
    assert str(given.until_on) == "2027-11-25", "the last day is included"
    assert "授权书〔2026〕9号" in text(security.get(f"/people/{number}"))
    assert security.post(f"/people/{number}/authorities/{given.id}/end").status_code == 303
    answer = security.post(f"/people/{number}/authorities/{given.id}/end")
    assert answer.status_code == 409 and "已经结束" in text(answer)
    assert len(told(site, "accounts.grant_authority")) == len(told(site, "accounts.revoke_authority")) == 1


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        pytest.param({"basis": ""}, 422, "请填授权书", id="no paper"),
        pytest.param({"area": "SB"}, 422, "没有存上", id="out of the roles' reach"),
        pytest.param({"last_on": "2026-11-24"}, 409, "晚于", id="ends before it begins"),
        pytest.param({"from_on": "2026-11-20"}, 409, "不能早于今天", id="a day that has passed"),
    ],
)
def test_authorities_that_are_refused(
    site: Flask, security: Visitor, sent: dict[str, str], status: int, says: str
) -> None:
    answer = security.post(f"/people/{person_id(site, 'secretary')}/authorities", {**AUTHORITY, **sent})
    assert answer.status_code == status and says in text(answer)


def test_nobody_without_such_a_role_is_offered_one(site: Flask, security: Visitor) -> None:
    number = person_id(site, "leader")
    assert "不能代表甲方确认" in text(security.get(f"/people/{number}/authorities/new"))
    assert "授权甲方确认" not in text(security.get(f"/people/{number}"))
    assert security.post(f"/people/{number}/authorities", AUTHORITY).status_code == 422


def test_somebody_elses_authority_is_404(site: Flask, security: Visitor) -> None:
    other = first(site, Authority, person_id=person_id(site, "grid"))
    assert security.post(f"/people/{person_id(site, 'staff')}/authorities/{other.id}/end").status_code == 404


# what is asked for ------------------------------------------------------------------------------------------


def test_asked_granted_seen(site: Flask, admin: Visitor, security: Visitor) -> None:
    number = asked(site, admin, "staff", "community_staff", "SB")
    assert "待授权 1" in text(admin.get("/people/"))
    page = text(security.get("/people/proposals"))
    assert "周敏（演示）" in page and "石坝村" in page and "可以授" in page
    assert security.post("/people/proposals/grant", {"pick": str(number)}).status_code == 303
    assert "没有等着授权的角色" in text(security.get("/people/proposals"))
    assert len(read(site, "staff").roles) == 2
    answer = security.post("/people/proposals/grant", {"pick": str(number)})
    assert answer.status_code == 303 and len(told(site, "accounts.give_role")) == 1, "pressed twice"


def test_nothing_ticked_is_409(site: Flask, admin: Visitor, security: Visitor) -> None:
    asked(site, admin, "staff", "community_staff", "SB")
    answer = security.post("/people/proposals/grant")
    assert answer.status_code == 409 and "请先在要授予的行前打勾" in text(answer)


def test_one_that_cannot_be_granted(site: Flask, admin: Visitor, security: Visitor) -> None:
    admin.post("/people/", {"name": "王芳", "login": "wangfang", "role": "auditor", "area": "GX"})
    number = first(site, Proposal).id
    fine = asked(site, admin, "staff", "community_staff", "SB")
    security.post(f"/people/{person_id(site, 'wangfang')}/roles", {**ROLE, "role": "leader", "area": "GX"})
    page = text(security.get("/people/proposals"))
    assert "不能授" in page and "三员" in page and f'value="{number}"' not in page
    answer = security.post("/people/proposals/grant", {"pick": [str(number), str(fine)]})
    assert answer.status_code == 409 and "一行也没有授予" in text(answer)
    assert len(read(site, "staff").roles) == 1


def test_declined_with_a_reason(site: Flask, admin: Visitor, security: Visitor) -> None:
    number = asked(site, admin, "staff", "community_staff", "SB")
    assert "石坝村" in text(security.get(f"/people/proposals/{number}/refusal"))
    assert security.post(f"/people/proposals/{number}/refusal", {"reason": ""}).status_code == 422
    assert security.post(f"/people/proposals/{number}/refusal", {"reason": "另有安排"}).status_code == 303
    assert security.post(f"/people/proposals/{number}/refusal", {"reason": "另有安排"}).status_code == 409
    assert "另有安排" in text(admin.get(f"/people/{person_id(site, 'staff')}"))
    assert [line[3]["reason"] for line in told(site, "accounts.decline")] == ["另有安排"]


def test_withdrawn(site: Flask, admin: Visitor, security: Visitor) -> None:
    number = asked(site, admin, "staff", "community_staff", "SB")
    assert "撤回" in text(admin.get("/people/proposals"))
    assert security.post(f"/people/proposals/{number}/withdrawal").status_code == 403
    assert admin.post(f"/people/proposals/{number}/withdrawal").status_code == 303
    assert admin.post(f"/people/proposals/{number}/withdrawal").status_code == 409
    assert first(site, Proposal).state is ProposalState.WITHDRAWN
    assert len(told(site, "accounts.withdraw")) == 1


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"role": ""}, 422, "请选角色"),
        ({"from_on": "2026-11-24"}, 409, "不能早于今天"),
        ({"area": "MY"}, 409, "已经是"),
    ],
)
def test_what_cannot_be_asked_for(site: Flask, admin: Visitor, sent: dict[str, str], status: int, says: str) -> None:
    answer = admin.post(f"/people/{person_id(site, 'staff')}/proposals", {**ROLE, **sent})
    assert answer.status_code == status and says in text(answer)


def test_asked_for_twice(site: Flask, admin: Visitor) -> None:
    asked(site, admin, "staff", "community_staff", "SB")
    answer = admin.post(f"/people/{person_id(site, 'staff')}/proposals", ROLE)
    assert answer.status_code == 409 and "已经在等授权" in text(answer)


# the ladder's other rungs -----------------------------------------------------------------------------------

POSTS = ["roles", "roles/1/end", "authorities", "authorities/1/end"]


@pytest.mark.parametrize("door", POSTS)
@pytest.mark.parametrize("login", ["admin", "staff", "grid"])
def test_without_the_key_403(site: Flask, login: str, door: str) -> None:
    assert a_visitor(site).sign_in(login).post(f"/people/{person_id(site, 'grid')}/{door}").status_code == 403


@pytest.mark.parametrize("door", ["proposals/grant", "proposals/1/refusal"])
def test_who_asks_does_not_grant_403(admin: Visitor, door: str) -> None:
    assert admin.post(f"/people/{door}").status_code == 403


@pytest.mark.parametrize("door", ["/people/proposals", "/people/1/roles/new", "/people/1/authorities/new"])
def test_looking_without_the_key_403(staff: Visitor, door: str) -> None:
    assert staff.get(door).status_code == 403


@pytest.mark.parametrize("door", POSTS)
def test_nobody_there_is_404(security: Visitor, door: str) -> None:
    assert security.post(f"/people/9999/{door}").status_code == 404


@pytest.mark.parametrize("door", POSTS)
def test_get_is_405(site: Flask, security: Visitor, door: str) -> None:
    assert security.get(f"/people/{person_id(site, 'staff')}/{door}").status_code == 405


@pytest.mark.parametrize("door", [*POSTS, "../proposals/grant"])
def test_a_stranger_goes_to_the_login(visitor: Visitor, door: str) -> None:
    address = "/people/proposals/grant" if door.startswith("..") else f"/people/1/{door}"
    answer = visitor.post(address)
    assert answer.status_code == 303 and "/login" in answer.location
