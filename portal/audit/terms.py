"""Words of the trail: results, and the Chinese names of deeds."""

from portal.ground.labels import Label


class Result(Label):
    """How a deed ended."""

    OK = "ok", "成功"
    REFUSED = "refused", "被拒"
    FAILED = "failed", "失败"


#: What the first line of the chain links to.
GENESIS = "0" * 64
