"""Doors of one file: the page, its print, reveal (SEC-7), pictures."""

import io
from datetime import datetime, timedelta

import pytest
from flask import Flask
from PIL import Image

from portal.ground.clock import StoppedClock
from tests.conftest import Visitor, a_visitor
from tests.merchants.shops import planted, read
from tests.merchants.views.test_lists import queries_of
from tests.trail import told


def a_picture(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def test_page(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(
        site, now, {"bounds_east": "桂花巷 9 号", "landlord_name": "陈大顺", "landlord_phone": "023-74512345"}
    )
    text = staff.get(f"/merchants/{one}").get_data(as_text=True)
    for shown in ("阿婆豆花", "GX-MY-0001", "<title id=\"zone-title\">", "24.8 m²", "面宽 6.2 m", "何*", "136****2207",
                  "023-****2345", "陈*", "建档", "背街小巷", "东至桂花巷 9 号"):  # fmt: skip
        assert shown in text
    for hidden in ("何小满", "13600002207", "74512345", "style="):
        assert hidden not in text


def test_page_takes_few_queries(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    assert queries_of(staff, f"/merchants/{one}")[0] <= 12


def test_narrow_and_unmeasured_areas_are_drawn_too(site: Flask, staff: Visitor, now: datetime) -> None:
    narrow, wide = {"frontage_cm": 200, "depth_cm": 1500}, {"door_no": "8 号", "frontage_cm": 5000, "depth_cm": 50}
    ids = planted(site, now, narrow, wide, {"door_no": "9 号", "frontage_cm": None})
    pages = [staff.get(f"/merchants/{one}").get_data(as_text=True) for one in ids]
    assert ['<svg class="drawing"' in page for page in pages] == [True, True, False]
    assert "还没有量面宽和进深" in pages[2]


def test_print(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    text = staff.get(f"/merchants/{one}/print").get_data(as_text=True)
    assert "周敏（演示） 打印" in text
    assert "13600002207" not in text


def test_who_prints_a_file_stands_in_the_trail(site: Flask, staff: Visitor, now: datetime) -> None:
    """rules 6, Audit: prints leave a line; looking at the page for paper is looking at the file."""
    (one,) = planted(site, now)
    assert "data-print-now" not in staff.get(f"/merchants/{one}/print").get_data(as_text=True)
    assert told(site, "merchants.print") == []
    answer = staff.post(f"/merchants/{one}/print")
    assert answer.status_code == 200 and "data-print-now" in answer.get_data(as_text=True)
    assert told(site, "merchants.print") == [("周敏（演示）", f"shop:{one}", "ok", {"number": "GX-MY-0001"})]
    assert a_visitor(site).sign_in("village").post(f"/merchants/{one}/print").status_code == 404
    assert a_visitor(site).sign_in("admin").post(f"/merchants/{one}/print").status_code == 403
    assert len(told(site, "merchants.print")) == 1


@pytest.mark.parametrize("door", ["", "/print", "/edit", "/operator", "/state", "/telephone", "/pictures", "/photo"])
def test_colleague_of_another_grid_404(site: Flask, now: datetime, door: str) -> None:
    (one,) = planted(site, now, {"grid": "MY-02"})
    assert a_visitor(site).sign_in("grid").get(f"/merchants/{one}{door}").status_code == 404
    assert a_visitor(site).sign_in("village").get(f"/merchants/{one}{door}").status_code == 404


@pytest.mark.parametrize("door", ["edit", "operator", "state", "telephone", "photo", "files"])
def test_posts_of_another_grid_404(site: Flask, now: datetime, door: str) -> None:
    (one,) = planted(site, now, {"grid": "MY-02"})
    assert a_visitor(site).sign_in("grid").post(f"/merchants/{one}/{door}").status_code == 404


def test_role_without_key_403_and_stranger(site: Flask, now: datetime) -> None:
    (one,) = planted(site, now)
    leader = a_visitor(site).sign_in("leader")
    assert leader.get(f"/merchants/{one}").status_code == 200
    assert leader.get(f"/merchants/{one}/edit").status_code == 403
    assert leader.post(f"/merchants/{one}/telephone", {"reason": "visit"}).status_code == 403
    assert a_visitor(site).get(f"/merchants/{one}").status_code == 303


def test_reveal_without_javascript(site: Flask, staff: Visitor, now: datetime) -> None:
    """SEC-7: a GET shows nothing, a POST with a reason does, for sixty seconds, and the trail says who and why."""
    (one,) = planted(site, now)
    asked = staff.get(f"/merchants/{one}/telephone").get_data(as_text=True)
    assert "13600002207" not in asked
    assert asked.count('name="reason"') == 4
    assert told(site, "merchants.reveal") == []
    answer = staff.post(f"/merchants/{one}/telephone", {"reason": "visit"})
    assert "13600002207" in answer.get_data(as_text=True)
    assert answer.headers["Refresh"] == f"60; url=/merchants/{one}"
    assert answer.headers["Cache-Control"] == "no-store"
    said = {"number": "GX-MY-0001", "of": "responsible", "reason": "上门前联系"}
    assert told(site, "merchants.reveal") == [("周敏（演示）", f"shop:{one}", "ok", said)]


def test_reveal_as_a_fragment_with_a_typed_reason(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now, {"landlord_name": "陈大顺", "landlord_phone": "023-74512345"})
    url = f"/merchants/{one}/telephone?of=landlord"
    text = staff.htmx("post", url, "asked", {"other": "房东来电询问"}).get_data(as_text=True)
    assert text.lstrip().startswith('<div id="asked">')
    assert 'data-hide-after="60"' in text
    assert "023-74512345" in text
    assert told(site, "merchants.reveal")[-1][3]["reason"] == "房东来电询问"


@pytest.mark.parametrize("sent", [{}, {"reason": "nonsense"}, {"other": "x\u200by"}])
def test_reveal_needs_a_reason(site: Flask, staff: Visitor, now: datetime, sent: dict[str, str]) -> None:
    (one,) = planted(site, now)
    answer = staff.post(f"/merchants/{one}/telephone", sent)
    assert answer.status_code == 422
    assert "13600002207" not in answer.get_data(as_text=True)
    assert told(site, "merchants.reveal") == []


def test_nothing_registered_to_reveal_409(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    assert staff.post(f"/merchants/{one}/telephone?of=landlord", {"reason": "visit"}).status_code == 409


def test_photo(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    assert staff.get(f"/merchants/{one}/photo").status_code == 404
    sent = {"file": (io.BytesIO(a_picture()), "门头.jpg")}
    assert staff.post(f"/merchants/{one}/photo", sent, content_type="multipart/form-data").status_code == 303
    answer = staff.get(f"/merchants/{one}/photo")
    assert (answer.mimetype, answer.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert read(site, one).photo is not None
    assert "更新门头照" in staff.get(f"/merchants/{one}").get_data(as_text=True)


@pytest.mark.parametrize("data", [b"", b"no picture", b"GIF89a....", b"<svg onload=alert(1)>"])
def test_what_is_no_photo_is_422(site: Flask, staff: Visitor, now: datetime, data: bytes) -> None:
    (one,) = planted(site, now)
    for door in ("photo", "files"):
        sent = {"file": (io.BytesIO(data), "a.jpg")}
        answer = staff.post(f"/merchants/{one}/{door}", sent, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "invalid-feedback" in answer.get_data(as_text=True)


def test_attachments_come_and_go(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {"file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "执照.pdf")}
    assert staff.post(f"/merchants/{one}/files", sent, content_type="multipart/form-data").status_code == 303
    assert "执照.pdf" in staff.get(f"/merchants/{one}").get_data(as_text=True)
    answer = staff.get(staff.post(f"/merchants/{one}/files/1/opening").headers["Location"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert a_visitor(site).sign_in("village").get(f"/merchants/{one}/files/1").status_code == 404
    assert staff.post(f"/merchants/{one}/files/1/removal", {"reason": "传错了店"}).status_code == 303
    assert staff.get(f"/merchants/{one}/files/1").status_code == 404
    assert staff.post(f"/merchants/{one}/files/1/removal", {"reason": "再来一次"}).status_code == 404
    [line] = told(site, "merchants.detach")
    assert (line[0], line[3]["reason"]) == ("周敏（演示）", "传错了店")
    assert "执照.pdf" not in staff.get(f"/merchants/{one}").get_data(as_text=True)


def an_attachment(staff: Visitor, one: int, name: str = "委托书.pdf") -> None:
    sent = {"file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), name)}
    assert staff.post(f"/merchants/{one}/files", sent, content_type="multipart/form-data").status_code == 303


def test_who_opens_an_attachment_stands_in_the_trail(
    site: Flask, staff: Visitor, now: datetime, clock: StoppedClock
) -> None:
    """SEC-7, rules 6 Audit: persons stand in it, so that reading it leaves a line, as a certificate does."""
    one, two = planted(site, now, {}, {"door_no": "8 号"})
    an_attachment(staff, one)
    an_attachment(staff, two)
    before = staff.get(f"/merchants/{one}/files/1")
    assert (before.status_code, before.headers["Location"]) == (303, f"/merchants/{one}")
    assert "看附件要留下记录" in staff.get(f"/merchants/{one}").get_data(as_text=True)
    address = staff.post(f"/merchants/{one}/files/1/opening").headers["Location"]
    assert staff.get(address).data == staff.get(address).data == b"%PDF-1.4\n%%EOF\n"
    assert "no-store" in staff.get(address).headers["Cache-Control"]
    [(who, subject, result, said)] = told(site, "merchants.open")
    assert (who, subject, result, said["number"]) == ("周敏（演示）", f"shop:{one}", "ok", "GX-MY-0001")
    signature = address.partition("?")[2]
    assert staff.get(f"/merchants/{two}/files/2?{signature}").status_code == 303, "it is good for no other file"
    assert a_visitor(site).sign_in("office").get(address).status_code == 303, "and for nobody else"
    assert staff.get(f"{address}x").status_code == 303
    clock.tick(timedelta(minutes=11))
    assert staff.get(address).status_code == 303, "nor for ever"


@pytest.mark.parametrize("login", ["staff", "grid_of_it", "command", "enforcement"])
def test_who_reveals_or_edits_there_opens_an_attachment(site: Flask, staff: Visitor, now: datetime, login: str) -> None:
    (one,) = planted(site, now, {"grid": "MY-01"})
    an_attachment(staff, one)
    visitor = a_visitor(site).sign_in("grid" if login == "grid_of_it" else login)
    assert f'action="/merchants/{one}/files/1/opening"' in visitor.get(f"/merchants/{one}").get_data(as_text=True)
    assert visitor.get(visitor.post(f"/merchants/{one}/files/1/opening").headers["Location"]).status_code == 200


@pytest.mark.parametrize("login", ["market", "leader", "section", "supervisor"])
def test_others_read_that_an_attachment_is_there(site: Flask, staff: Visitor, now: datetime, login: str) -> None:
    (one,) = planted(site, now)
    an_attachment(staff, one)
    visitor = a_visitor(site).sign_in(login)
    text = visitor.get(f"/merchants/{one}").get_data(as_text=True)
    assert "委托书.pdf" in text and f"/merchants/{one}/files/1" not in text
    assert visitor.get(f"/merchants/{one}/files/1").status_code == 403
    assert visitor.post(f"/merchants/{one}/files/1/opening").status_code == 403
    assert told(site, "merchants.open") == []


def test_an_attachment_elsewhere_is_not_there(site: Flask, staff: Visitor, now: datetime) -> None:
    """IDOR: another village's clerk, a grid worker of the next grid, and a file asked for under another shop."""
    one, two = planted(site, now, {}, {"door_no": "8 号"})
    an_attachment(staff, one)
    for login in ("village", "grid"):
        assert a_visitor(site).sign_in(login).post(f"/merchants/{one}/files/1/opening").status_code == 404
    assert staff.post(f"/merchants/{two}/files/1/opening").status_code == 404
    assert told(site, "merchants.open") == []


def test_what_was_taken_off_is_still_there_for_whoever_edits(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {"file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "执照.pdf")}
    staff.post(f"/merchants/{one}/files", sent, content_type="multipart/form-data")
    assert staff.get(f"/merchants/{one}/files/1/old").status_code == 404, "it still stands on the file"
    staff.post(f"/merchants/{one}/files/1/removal", {"reason": "传错了店"})
    page = staff.get(f"/merchants/{one}/pictures").get_data(as_text=True)
    assert "移除了的 1 份" in page and "周敏（演示）：传错了店" in page
    back = staff.get(f"/merchants/{one}/files/1/old")
    assert (back.status_code, back.headers["Location"]) == (303, f"/merchants/{one}/pictures")
    assert told(site, "merchants.open") == []
    address = staff.post(f"/merchants/{one}/files/1/old/opening").headers["Location"]
    assert staff.get(address).data.startswith(b"%PDF")
    assert [line[:2] for line in told(site, "merchants.open")] == [("周敏（演示）", f"shop:{one}")]
    for door in ("old", "old/opening"):
        ask = "post" if door.endswith("opening") else "get"
        for login, status in (("village", 404), ("market", 403), ("enforcement", 403)):
            stranger = a_visitor(site).sign_in(login)
            assert getattr(stranger, ask)(f"/merchants/{one}/files/1/{door}").status_code == status


def test_an_attachment_is_not_taken_off_without_a_reason(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {"file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "执照.pdf")}
    staff.post(f"/merchants/{one}/files", sent, content_type="multipart/form-data")
    an_attachment(staff, one, "别的.pdf")
    long = "传错了店" * 16
    for typed, sentence in ((" ", "请写明为什么移除"), (long, "移除的原因最多 60 个字，现在有 64 个")):
        answer = staff.post(f"/merchants/{one}/files/1/removal", {"reason": typed})
        assert answer.status_code == 422
        text = answer.get_data(as_text=True)
        field = text.partition('id="why-1"')[2].partition("</div>")[0]
        assert f'value="{typed.strip()}"' in field and 'aria-describedby="why-1-error"' in field and sentence in field
        assert text.count(sentence) == 1 and text.count('<details class="asking" open>') == 1
        assert 'id="why-2-error"' not in text and 'value="' not in text.partition('id="why-2"')[2].partition(">")[0]
    assert staff.post(f"/merchants/{one}/files/1/opening").status_code == 303
    assert told(site, "merchants.detach") == []


def test_a_replaced_photo_is_still_there(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    for shade in ("red", "blue"):
        sent = {"file": (io.BytesIO(a_picture(shade)), "门头.jpg")}
        staff.post(f"/merchants/{one}/photo", sent, content_type="multipart/form-data")
    first, second = staff.get(f"/merchants/{one}/photos/1"), staff.get(f"/merchants/{one}/photo")
    assert (first.status_code, first.mimetype) == (200, "image/jpeg")
    assert first.data != second.data
    assert staff.get(f"/merchants/{one}/photos/2").status_code == 404
    assert "以前的门头照 1 张" in staff.get(f"/merchants/{one}/pictures").get_data(as_text=True)
    assert a_visitor(site).sign_in("village").get(f"/merchants/{one}/photos/1").status_code == 404


def test_a_crafted_file_name_is_handed_out_plainly(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
    name = "filename*=UTF-8''%E6%89%AB%E2%80%AE%E6%8F%8F%0D%0AX-Evil%3A%201%00.pdf"
    parts = [f'form-data; name="csrf_token"\r\n\r\n{staff.token()}', f'form-data; name="file"; {name}\r\n\r\n']
    body = "".join(f"\r\n--cut\r\nContent-Disposition: {part}" for part in parts).encode() + pdf + b"\r\n--cut--\r\n"
    sent = {"data": body, "content_type": "multipart/form-data; boundary=cut"}
    assert staff.client.post(f"/merchants/{one}/files", **sent).status_code == 303
    answer = staff.get(staff.post(f"/merchants/{one}/files/1/opening").headers["Location"])
    assert answer.status_code == 200 and "X-Evil" not in answer.headers
    assert "%E2%80%AE" not in answer.headers["Content-Disposition"]
