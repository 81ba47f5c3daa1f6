"""Names are found by every reading and its initials, the surname's own first (proofs.md, Traps)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.letters import HAN
from portal.ground.fields.pinyin import READINGS_MOST, search_keys, search_term
from portal.ground.fields.surnames import READ_ONE, READ_TWO

han = st.sampled_from(HAN).flatmap(lambda run: st.integers(*run)).map(chr)


@pytest.mark.parametrize(
    ("name", "typed", "column"),
    [
        pytest.param("建新路早餐店", "jxlzc", 1, id="search-initials"),
        pytest.param("建新路早餐店", "zaocan", 0, id="search-middle"),
        pytest.param("重庆银行", "chongqingyinhang", 0, id="search-word-reading"),
        pytest.param("曾记面馆", "zengji", 0, id="search-surname"),
        pytest.param("曾记面馆", "cengji", 0, id="search-other-reading"),
        pytest.param("KTV一号", "ktvyh", 1, id="search-latin"),
        pytest.param("吕氏", "lv", 0, id="search-v"),
        pytest.param("吕氏", "lu", 0, id="search-u"),
        pytest.param("𠮷野家", "jyj", 1, id="search-extension-b"),
    ],
)
def test_found(name, typed, column):
    assert any(search_term(typed) in key for key in search_keys(name)[column].split())


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        *(pytest.param(c + "伟", r + "wei", id=f"surname-{r}-{ord(c):x}") for c, r in READ_ONE.items()),
        *(pytest.param(s + "平", "".join(r) + "ping", id=f"surname-{'-'.join(r)}") for s, r in READ_TWO.items()),
    ],
)
def test_a_surname_is_read_as_one_first(name, reading):
    assert search_keys(name)[0].split()[0] == reading


def test_every_reading_of_a_name_is_indexed():
    assert {"shanxiongxin", "danxiongxin", "chanxiongxin"} <= set(search_keys("单雄信")[0].split())
    assert {"qiuhe", "chouhe"} <= {
        key[:6] if key.startswith("c") else key[:5] for key in search_keys("仇和")[0].split()
    }


@given(st.text(han | st.sampled_from("0123456789abcdXYZ·（） "), max_size=30))
def test_keys_are_bounded_and_hold_no_blank_inside(name):
    whole, initials = search_keys(name)
    assert len(whole.split()) <= READINGS_MOST
    assert len(initials.split()) <= READINGS_MOST
    assert search_keys(name) == (whole, initials)
    assert whole == whole.lower()


def test_what_is_typed_is_read_like_the_keys():
    assert search_term(" JianXin Lu ") == "jianxinlu"
    assert search_term("Ｊｘｌ") == "jxl"
    assert search_term("lü") == "lv"
    assert search_keys("——") == ("", "")
