"""Forms: Flask-WTF with WTForms' own Chinese messages, and fields that clean with ground's pure functions."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, StopValidation


class Form(FlaskForm):
    """Base of every form: Chinese messages, blanks at the ends never count."""

    class Meta(FlaskForm.Meta):
        locales = ["zh_CN", "zh"]

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            if issubclass(unbound_field.field_class, StringField):
                filters = [*unbound_field.kwargs.get("filters", ()), _strip]
                return unbound_field.bind(form=form, **{**options, "filters": filters})
            return unbound_field.bind(form=form, **options)


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Clean:
    """Validator: run a pure cleaner; its ValueError is the message beside the field.

    What was typed stays in `field.raw_data` and on the page; the clean value stands in `field.clean`.
    """

    def __init__(self, cleaner: Callable[[str], Any]):
        self.cleaner = cleaner

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data:
            field.clean = None
            # Blanks alone pass InputRequired, which looks at what was sent before it is stripped.
            for needed in field.validators:
                if isinstance(needed, InputRequired):
                    raise StopValidation(needed.message)
            return
        try:
            field.clean = self.cleaner(field.data)
        except ValueError as error:
            raise StopValidation(str(error)) from error
