"""The office's pages of pledges, one ladder each (house.md section 7)."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import event, func, select

from portal.accounts.models import Person, PersonRole
from portal.areas.models import Area
from portal.audit.models import TrailLine
from portal.ground.clock import StoppedClock
from portal.ground.db import db
from portal.merchants.models import Shop
from portal.merchants.queries import current_tenure
from portal.pledges import services
from portal.pledges.models import IdentityCheck, Pledge, Template, Voiding
from portal.pledges.terms import PledgeState, Proof, Signer
from tests.cast import Cast
from tests.conftest import Visitor, a_visitor
from tests.pledges import ways
from tests.pledges.test_kiosk_views import office


@pytest.fixture
def made(site: Flask, clock: StoppedClock) -> Iterator[dict[str, int]]:
    """Two shops of 明月社区 (one signed, one not), one of 石坝村 whose paper pledge waits."""
    now = clock.now()
    with office(site):
        services.sow_templates(now)
        cast = Cast.load(now)
        machine = ways.a_machine(now)
        shops = {"signed": ways.a_shop(now), "plain": ways.a_shop(now), "village": ways.a_shop(now, grid="SB-01")}
        pledge = ways.signed(shops["signed"], machine, by=cast["grid"], now=now)
        tenure = current_tenure(shops["village"].id)
        assert tenure is not None
        waiting = services.enter(
            tenure, services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1), by=cast["secretary"], now=now
        )
        ids = {name: shop.id for name, shop in shops.items()} | {"pledge": pledge.id, "waiting": waiting.id}
    yield ids


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def sign_in(site: Flask, login: str) -> Visitor:
    return a_visitor(site).sign_in(login)


# 名单 ------------------------------------------------------------------------------------------------------------


def test_a_day_that_cannot_be_asks_for_nothing(site: Flask, made: dict[str, int]) -> None:
    visitor = sign_in(site, "staff")
    for address in ("since=0001-01-01", "until=9999-12-31", "since=2026-02-30"):
        assert "第0001号" in text(visitor.get(f"/pledges?{address}"))


def test_the_list_shows_what_is_within_reach(site: Flask, made: dict[str, int], clock: StoppedClock) -> None:
    page = text(sign_in(site, "staff").get("/pledges"))
    assert "桂三包〔2026〕第0001号" in page and "第0002号" not in page and "生效" in page
    assert "何*" in page and "何桂兰" not in page
    page = text(sign_in(site, "office").get("/pledges"))
    assert "第0001号" in page and "第0002号" in page and "待街道确认" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=live", ["第0001号"]), ("state=waiting", ["第0002号"]),
        ("state=live&state=waiting", ["第0001号", "第0002号"]), ("state=void", []), ("method=paper", ["第0002号"]),
        ("community=SB", ["第0002号"]), ("grid=MY-01", ["第0001号"]),
        ("q=第0001", ["第0001号"]), ("q=gx-sb", ["第0002号"]), ("q=%25", []), ("since=2026-11-26", []),
        ("since=2026-11-25&until=2026-11-25", ["第0001号", "第0002号"]), ("until=2026-11-24", []),
        ("state=nonsense&since=abc&grid=XX&page=-3&size=7", ["第0001号", "第0002号"]),
    ],
)  # fmt: skip
def test_filters_stand_in_the_address(site: Flask, made: dict[str, int], query: str, found: list[str]) -> None:
    page = text(sign_in(site, "office").htmx("get", f"/pledges?{query}", "pledge-table"))
    assert page.lstrip().startswith('<div class="list" id="pledge-table">')
    assert [number for number in ("第0001号", "第0002号") if number in page] == found


def test_thirty_rows_cost_as_many_queries_as_one(site: Flask, made: dict[str, int], clock: StoppedClock) -> None:
    visitor = sign_in(site, "office")

    def queries() -> int:
        asked: list[str] = []
        with site.app_context():
            engine = db.engine

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        assert visitor.get("/pledges").status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])

    assert visitor.get("/pledges").status_code == 200  # what a process keeps is read once
    few = queries()
    with office(site):
        now, cast = clock.now(), Cast.load(clock.now())
        for _ in range(30):
            tenure = current_tenure(ways.a_shop(now).id)
            assert tenure is not None
            sheet = services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1)
            services.enter(tenure, sheet, by=cast["staff"], now=now)
    assert queries() == few <= 12


def test_export_is_typed_masked_and_in_the_trail(site: Flask, made: dict[str, int]) -> None:
    answer = sign_in(site, "office").post("/pledges/export", {"state": "live"})
    sheet = load_workbook(BytesIO(answer.data)).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    flat = str(rows)
    assert "桂三包〔2026〕第0001号" in flat and "第0002号" not in flat and "状态：生效" in flat
    assert "何桂兰" not in flat and "13812345678" not in flat
    with site.app_context():
        assert db.session.scalars(select(TrailLine.action)).all().count("pledges.export") == 1


@pytest.mark.parametrize("login", ["leader", "grid", "market"])
def test_export_needs_its_key(site: Flask, made: dict[str, int], login: str) -> None:
    assert sign_in(site, login).post("/pledges/export").status_code == 403


# 一份 ------------------------------------------------------------------------------------------------------------


def test_one_pledge(site: Flask, made: dict[str, int]) -> None:
    page = text(sign_in(site, "staff").get(f"/pledges/{made['pledge']}"))
    assert "市容环境" in page and "138****5678" in page and "李网格（演示）" in page
    assert "何桂兰" not in page and "13812345678" not in page


@pytest.mark.parametrize(("login", "status"), [("village", 404), ("market", 403), ("grid", 200), ("supervisor", 200)])
def test_who_sees_it(site: Flask, made: dict[str, int], login: str, status: int) -> None:
    assert sign_in(site, login).get(f"/pledges/{made['pledge']}").status_code == status


def test_a_stranger_goes_to_login(site: Flask, made: dict[str, int]) -> None:
    for url in ("/pledges", f"/pledges/{made['pledge']}", "/pledges/templates", f"/pledges/shops/{made['plain']}/code"):
        answer = a_visitor(site).get(url)
        assert answer.status_code == 303 and "/login" in answer.headers["Location"]


def test_confirming_what_waits(site: Flask, made: dict[str, int]) -> None:
    url = f"/pledges/{made['waiting']}/confirmation"
    assert sign_in(site, "staff").post(url).status_code == 404
    village = sign_in(site, "village")
    assert "确认生效" in text(village.get(f"/pledges/{made['waiting']}"))
    assert village.get(url).status_code == 405
    assert village.post(url).status_code == 303
    assert village.post(url).status_code == 409
    with site.app_context():
        assert db.session.get_one(Pledge, made["waiting"]).state is PledgeState.LIVE


# 纸质 ------------------------------------------------------------------------------------------------------------


def on_paper(**but: Any) -> dict[str, Any]:
    """What is typed from a signed paper, with its scan."""
    typed = {
        "signed_on": "2026-11-20", "signer": "owner", "signer_name": "", "proof": "licence", "version": "1",
        "original_seen": "y", "scan": (BytesIO(a_pdf()), "扫描.pdf"),
    }  # fmt: skip
    return {name: value for name, value in (typed | but).items() if value is not None}


def a_pdf() -> bytes:
    made = BytesIO()
    Image.new("RGB", (60, 80), "white").save(made, "PDF")
    return made.getvalue()


def test_a_paper_pledge_is_entered_by_one_and_confirmed_by_another(site: Flask, made: dict[str, int]) -> None:
    url, staff = f"/pledges/shops/{made['plain']}/paper", sign_in(site, "staff")
    assert "照原件填" in text(staff.get(url))
    answer = staff.post(url, on_paper())
    assert answer.status_code == 303
    page = text(staff.get(answer.headers["Location"]))
    assert "待街道确认" in page and "这一份是您登记的" in page and "确认生效" not in page
    assert "纸质责任书 桂三包〔2026〕第" in page, "the scan stands among the shop's attachments"
    own = f"{answer.headers['Location']}/confirmation"
    assert staff.post(own).status_code == 409
    assert staff.post(url, on_paper()).status_code == 409, "one waits already"
    grid = sign_in(site, "grid")
    assert "确认生效" in text(grid.get(answer.headers["Location"]))
    assert grid.post(own).status_code == 303
    with site.app_context():
        pledge = db.session.scalars(select(Pledge).where(Pledge.shop_id == made["plain"])).one()
        assert (pledge.state, pledge.starts_on, pledge.until_on) == (
            PledgeState.LIVE, date(2026, 11, 20), date(2027, 11, 20)
        )  # fmt: skip
        kept = pledge.scan
        assert kept is not None and kept.shop_id == made["plain"] and kept.media == "application/pdf"
        actions = db.session.scalars(select(TrailLine.action)).all()
        assert actions.count("pledges.enter") == 2 and "merchants.attach" in actions


@pytest.mark.parametrize(
    ("but", "says"),
    [
        pytest.param({"scan": None}, "请附上扫描件", id="no scan"),
        pytest.param({"scan": (BytesIO(b"MZ nothing"), "扫描.pdf")}, "照片", id="no picture"),
        pytest.param({"original_seen": None}, "请先看过原件", id="not looked at"),
        pytest.param({"signed_on": "2027-01-01"}, "不能晚于今天", id="a day to come"),
        pytest.param({"signed_on": "昨天"}, "日期", id="no day"),
        pytest.param({"signer": "clerk", "proof": "letter"}, "请填姓名", id="clerk without a name"),
        pytest.param({"signer": "clerk", "signer_name": "刘小妹"}, "店员签订要看", id="clerk with a licence"),
        pytest.param({"version": "7"}, "有效的选择", id="no such text"),
    ],
)
def test_what_the_paper_cannot_say_comes_back(
    site: Flask, made: dict[str, int], but: dict[str, Any], says: str
) -> None:
    url, staff = f"/pledges/shops/{made['plain']}/paper", sign_in(site, "staff")
    if isinstance(but.get("scan"), tuple):
        but["scan"][0].seek(0)
    answer = staff.post(url, on_paper(**but))
    page = text(answer)
    assert answer.status_code == 422 and says in page
    if "signed_on" not in but:
        assert 'value="2026-11-20"' in page, "what was typed is still there"
    with site.app_context():
        assert db.session.scalar(select(func.count()).where(Pledge.shop_id == made["plain"])) == 0
        assert "merchants.attach" not in db.session.scalars(select(TrailLine.action)).all()


def test_paper_doors_are_of_ones_own_area(site: Flask, made: dict[str, int]) -> None:
    for login, status in (("village", 404), ("market", 403), ("leader", 403)):
        for door in ("paper", "blank"):
            assert sign_in(site, login).get(f"/pledges/shops/{made['plain']}/{door}").status_code == status, login


def test_the_text_to_be_signed_names_nobody_and_printing_it_leaves_a_line(site: Flask, made: dict[str, int]) -> None:
    url, staff = f"/pledges/shops/{made['plain']}/blank", sign_in(site, "staff")
    page = text(staff.get(url))
    assert "乙方签名" in page and "自签订之日起 12 个月" in page and "门前 6.4 米宽、3 米深" in page
    assert "何桂兰" not in page and "13812345678" not in page
    assert "data-print-now" in text(staff.post(url))
    with site.app_context():
        assert db.session.scalars(select(TrailLine.action)).all().count("pledges.blank") == 1


def also_leader_of_the_street(site: Flask, login: str) -> None:
    """Whoever works in one community may read everywhere, and work there still."""
    with office(site):
        person = db.session.scalars(select(Person).where(Person.login == login)).one()
        root = db.session.scalars(select(Area).where(Area.code == "GX")).one()
        first = date(2026, 3, 30)
        db.session.add(
            PersonRole(person_id=person.id, role="leader", area=root, from_on=first, granted_by="安全（演示）")
        )


def test_who_reads_everywhere_works_only_where_the_key_is_good(site: Flask, made: dict[str, int]) -> None:
    also_leader_of_the_street(site, "village")
    visitor = sign_in(site, "village")
    assert visitor.get(f"/pledges/{made['pledge']}").status_code == 200
    for door, fields in (
        ("voiding", {"reason": "写错了经营者"}), ("voiding/answer", {"agreed": "1"}), ("confirmation", {}),
    ):  # fmt: skip
        assert visitor.post(f"/pledges/{made['pledge']}/{door}", fields).status_code == 404
    answer = visitor.post("/pledges/export", {})
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    assert [row[0] for row in sheet.iter_rows(min_row=5, values_only=True)] == ["桂三包〔2026〕第0002号"]


def test_voiding_through_two_browsers(site: Flask, made: dict[str, int]) -> None:
    first, second = sign_in(site, "grid"), sign_in(site, "staff")
    url = f"/pledges/{made['pledge']}/voiding"
    assert first.post(f"{url}/answer", {"agreed": "1"}).status_code == 409
    bad = first.post(url, {"reason": ""})
    assert bad.status_code == 422 and "请写明为什么作废" in text(bad)
    assert first.post(url, {"reason": "店名登记错了"}).status_code == 303
    assert "复核作废" not in text(first.get(f"/pledges/{made['pledge']}"))
    assert first.post(f"{url}/answer", {"agreed": "1"}).status_code == 409
    assert "复核作废" in text(second.get(f"/pledges/{made['pledge']}"))
    assert second.post(f"{url}/answer", {}).status_code == 422
    assert second.post(f"{url}/answer", {"agreed": "1"}).status_code == 303
    assert "已作废" in text(second.get(f"/pledges/{made['pledge']}"))
    with site.app_context():
        assert db.session.scalars(select(Voiding)).one().agreed is True


# 发签约码 --------------------------------------------------------------------------------------------------------

GOOD = {"signer": "owner", "proof": "licence", "identity_checked": "y"}


def test_a_code_is_shown_once(site: Flask, made: dict[str, int], clock: StoppedClock) -> None:
    visitor, url = sign_in(site, "staff"), f"/pledges/shops/{made['plain']}/code"
    assert "核对身份" in text(visitor.get(url))
    answer = visitor.post(url, GOOD)
    page = text(answer)
    until = (clock.now() + timedelta(minutes=30)).strftime("%H:%M")
    assert answer.status_code == 200 and f"{until} 前" in page and 'class="digits"' in page
    assert "何*（本人）" in page and "何桂兰" not in page
    with site.app_context():
        assert db.session.scalars(select(IdentityCheck)).all()[-1].signer is Signer.OWNER


@pytest.mark.parametrize(
    ("but", "sentence"),
    [
        ({"identity_checked": ""}, "请先当面核对证件"),
        ({"signer": "clerk", "proof": "letter"}, "请填姓名"),
        ({"signer": "clerk", "proof": "licence", "signer_name": "李小明"}, "店员签订要看"),
        ({"signer": "nobody"}, "不是有效的选择"),
        ({"signer": "family", "proof": "household", "signer_name": "李"}, "姓名至少两个字"),
    ],
)
def test_a_check_with_a_gap_is_422_beside_the_field(
    site: Flask, made: dict[str, int], but: dict[str, str], sentence: str
) -> None:
    answer = sign_in(site, "staff").post(f"/pledges/shops/{made['plain']}/code", {**GOOD, **but})
    assert answer.status_code == 422
    assert sentence in text(answer)
    if "signer_name" in but:
        assert f'value="{but["signer_name"]}"' in text(answer)


def test_who_may_issue(site: Flask, made: dict[str, int]) -> None:
    url = f"/pledges/shops/{made['plain']}/code"
    assert sign_in(site, "village").post(url, GOOD).status_code == 404
    assert sign_in(site, "leader").post(url, GOOD).status_code == 403
    secretary = sign_in(site, "secretary")
    page = text(secretary.get(url))
    assert "没有代表甲方确认的有效授权" in page and "何*" in page and "何桂兰" not in page
    assert "何桂兰" in text(sign_in(site, "staff").get(url)), "who confirms compares it with the card"
    answer = secretary.post(url, GOOD)
    assert answer.status_code == 409 and "李网格（演示）" in text(answer)


# 文本 ------------------------------------------------------------------------------------------------------------


def test_versions_and_their_author(site: Flask, made: dict[str, int]) -> None:
    visitor = sign_in(site, "office")
    page = text(visitor.get("/pledges/templates"))
    assert "第1版 · 方案文本" in page and "正在用" in page and "备用" in page and "2 份" in page
    assert "包设施" in text(visitor.get("/pledges/templates/2"))
    assert visitor.get("/pledges/templates/9").status_code == 404
    assert sign_in(site, "staff").get("/pledges/templates").status_code == 403


def fields(**but: str) -> dict[str, str]:
    return {
        "name": "方案文本", "effective_from": "2026-12-01", "preamble": "为共同维护街面整洁有序，签订本责任书。",
        "duty_1": "市容环境", "items_1": "每天清扫；\n垃圾分类。", "duty_2": "秩序维护", "items_2": "不占道",
        "duty_3": "绿化管护", "items_3": "爱护花木", "party_a_duty": "宣传指导。", "signing": "双方同意。",
        "basis": "《方案》", "note": "改了两处", "base": "2",
    } | but  # fmt: skip


def test_the_next_version(site: Flask, made: dict[str, int]) -> None:
    visitor = sign_in(site, "office")
    form = text(visitor.get("/pledges/templates/new?base=2"))
    assert "包设施" in form and "起草第3版" in form
    assert visitor.post("/pledges/templates", fields()).headers["Location"].endswith("/pledges/templates/3")
    with site.app_context():
        added = db.session.scalars(select(Template).where(Template.version == 3)).one()
        assert added.wording["duties"][0] == {"name": "市容环境", "items": ["每天清扫", "垃圾分类"]}
    assert visitor.post("/pledges/templates", fields()).status_code == 409


@pytest.mark.parametrize(
    ("but", "sentence"),
    [
        ({"effective_from": "2026-11-24"}, "不能早于今天"), ({"effective_from": "明天"}, "日期"),
        ({"items_2": " \n "}, "至少写一条"), ({"items_2": "\n".join("一二三四五六七")}, "最多写 6 条"),
        ({"items_3": "爱" * 25}, "最多 24 个字"), ({"signing": ""}, "请写签署方式"),
        ({"name": "文" * 41}, "最多 40 个字"), ({"items_1": "每天清扫\ue000"}, "印不出来"),
        ({"preamble": "街面整洁😀。"}, "“😀”（U+1F600） 现有字库印不出来"),
    ],
)  # fmt: skip
def test_a_text_with_a_fault(site: Flask, made: dict[str, int], but: dict[str, str], sentence: str) -> None:
    answer = sign_in(site, "office").post("/pledges/templates", fields(**but))
    assert answer.status_code == 422 and sentence in text(answer)
    kept = fields(**but)["items_3"]
    assert f">\r\n{kept}</textarea>" in text(answer) or f">{kept}</textarea>" in text(answer)


def test_a_sample_on_paper(site: Flask, made: dict[str, int]) -> None:
    answer = sign_in(site, "office").get("/pledges/templates/2/preview")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    with site.app_context():
        assert len(db.session.scalars(select(TrailLine).where(TrailLine.action == "papers.issue")).all()) == 0


# 商户档案上 ------------------------------------------------------------------------------------------------------


def test_the_shop_list_and_the_shop_file(site: Flask, made: dict[str, int]) -> None:
    visitor = sign_in(site, "staff")
    page = text(visitor.get("/merchants/"))
    assert "生效" in page and "未签" in page
    only = text(visitor.get("/merchants/?pledge=live"))
    with site.app_context():
        numbers = {name: db.session.get_one(Shop, made[name]).number for name in ("signed", "plain")}
    assert numbers["signed"] in only and numbers["plain"] not in only
    file = text(visitor.get(f"/merchants/{made['signed']}"))
    assert "发签约码" in file and "桂三包〔2026〕第0001号" in file and "签订责任书：何*（本人）" in file
