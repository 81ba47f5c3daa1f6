"""Credit codes, ID numbers, shop numbers, check codes (rules 1, 6 Input, 10 Numbers and masks)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.codes import (
    CROCKFORD,
    clean_check_code,
    clean_shop_number,
    clean_uscc,
    make_shop_number,
    new_check_code,
    parse_shop_number,
    uscc_check,
)
from portal.ground.fields.letters import Misread

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
usccs = st.from_regex(rf"9[123][0-9]{{6}}[{CREDIT}]{{9}}", fullmatch=True).map(lambda b: b + uscc_check(b))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("91350100M000100Y43", id="rules6-input-uscc-standard-example"),
        pytest.param(" 9135 0100-m000100y43 ", id="rules6-input-uscc-typed-loosely"),
        pytest.param("９１３５０１００Ｍ０００１００Ｙ４３", id="rules6-input-uscc-full-width"),
    ],
)
def test_credit_code_taken(code):
    assert clean_uscc(code) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "says", "cure"),
    [
        pytest.param(
            "92511623MA60002B11", "第 18 位校验不符，应为 X", "92511623MA60002B1X", id="rules6-input-uscc-check"
        ),
        pytest.param("9135O100M000100Y43", "第 5 位不会是字母 O，是不是 0", None, id="rules6-input-uscc-letter-o"),
        pytest.param("91350100M000100Y4", "要 18 位，现在是 17 位", None, id="rules6-input-uscc-length"),
        pytest.param("500231000012345", "旧的注册号", None, id="rules6-input-uscc-old"),
        pytest.param("9.1350E+17", "科学计数法", None, id="rules6-input-uscc-scientific"),
        pytest.param("91350100M000100Y4店", "“店”", None, id="rules6-input-uscc-stranger"),
        pytest.param("", "无照", None, id="rules6-input-uscc-empty"),
    ],
)
def test_credit_code_refused(code, says, cure):
    with pytest.raises(Misread, match=says) as refused:
        clean_uscc(code)
    assert refused.value.cure == cure


@given(usccs, st.integers(0, 17), st.sampled_from(CREDIT))
def test_credit_check_catches_any_changed_character(code, place, sign):
    assert clean_uscc(code) == code
    changed = code[:place] + sign + code[place + 1 :]
    if changed != code:
        with pytest.raises(Misread):
            clean_uscc(changed)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("GX-MY-0142", id="rules10-numbers-shop"),
        pytest.param("gx my 142", id="rules10-numbers-shop-loose"),
        pytest.param("MY0142", id="rules10-numbers-shop-short"),
        pytest.param("ＧＸ－ＭＹ－０１４２", id="rules10-numbers-shop-chinese-input"),
        pytest.param("http://10.1.1.5/kiosk?shop=GX-MY-0142", id="rules1-qr-label"),
    ],
)
def test_shop_number_understood(typed):
    assert clean_shop_number(typed) == "GX-MY-0142"
    assert parse_shop_number(typed) == ("GX", "MY", 142)


@pytest.mark.parametrize("typed", ["", "GX-0142", "GX-MY-0000", "GX-MY-01420", "GX-M1-0001", "XX-MY-0001", "142"])
def test_shop_number_refused(typed):
    with pytest.raises(Misread, match="GX-MY-0142"):
        clean_shop_number(typed)


@given(st.from_regex(r"[A-Z]{2,4}", fullmatch=True), st.integers(1, 9999))
def test_shop_number_made_is_shop_number_read(community, serial):
    assert parse_shop_number(make_shop_number(community, serial)) == ("GX", community, serial)


def test_shop_numbers_end_at_four_digits():
    with pytest.raises(Misread, match="用完"):
        make_shop_number("MY", 10000)
    with pytest.raises(Misread, match="大写字母"):
        make_shop_number("my", 1)


def test_check_codes_are_ten_signs_and_never_meet():
    codes = {new_check_code() for _ in range(2000)}
    assert len(codes) == 2000
    for code in codes:
        assert clean_check_code(code) == code
        assert [len(part) for part in code.split("-")] == [4, 4, 2]
    assert {sign for code in codes for sign in code} == set(CROCKFORD) | {"-"}


@given(st.text(CROCKFORD, min_size=10, max_size=10))
def test_check_code_is_forgiving(signs):
    code = f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"
    assert clean_check_code(signs) == code
    assert clean_check_code(f" {code.lower()} ") == code
    assert clean_check_code(code.replace("0", "o").replace("1", "l")) == code
    assert clean_check_code(code.replace("0", "O").replace("1", "I").replace("-", "－")) == code


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("", "请填查验码", id="rules10-numbers-check-code-empty"),
        pytest.param("7K2M-9", "共 10 位", id="rules10-numbers-check-code-short"),
        pytest.param("UUUU-UUUU-UU", "没有 “U”", id="rules10-numbers-check-code-letter"),
    ],
)
def test_check_code_refused(typed, says):
    with pytest.raises(Misread, match=says):
        clean_check_code(typed)


@given(st.text(max_size=24))
def test_cleaning_twice_changes_nothing(text):
    for clean in (clean_uscc, clean_shop_number, clean_check_code):
        try:
            once = clean(text)
        except Misread:
            continue
        assert clean(once) == once
