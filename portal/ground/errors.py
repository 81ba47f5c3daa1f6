"""The one refusal that a service says."""


class Refused(Exception):
    """A service's only "no": a Chinese sentence that says why and what to do (409 on the page).

    `field` names the form field that the sentence belongs beside, where there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
