"""What the browser sent to the check page → a clean 查验码, or the bytes of a file."""

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import InputRequired, ValidationError

from portal.ground.fields.codes import clean_check_code
from portal.web.forms import Clean, Form

#: A dropped file may hold this much (rules 6, Files).
MOST_BYTES = 10 * 1024 * 1024


class CodeForm(Form):
    """The code as somebody typed it from the paper; a GET form, so it carries no token."""

    class Meta(Form.Meta):
        csrf = False

    code = StringField(
        "查验码", [InputRequired("请输入查验码，印在责任书最下面"), Clean(clean_check_code)],
        render_kw={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false", "maxlength": 40},
    )  # fmt: skip


class FileForm(Form):
    """A file to compare: read here, kept nowhere."""

    file = FileField("选择 PDF", [FileRequired("请先选择要比对的 PDF 文件")])

    def validate_file(self, field: FileField) -> None:
        """Read the bytes into `data_read`; too large or empty is said beside the field."""
        self.data_read = field.data.stream.read(MOST_BYTES + 1)
        if len(self.data_read) > MOST_BYTES:
            raise ValidationError("文件超过 10 MB，不是我们发出的责任书")
        if not self.data_read:
            raise ValidationError("文件是空的，请重新选择")
