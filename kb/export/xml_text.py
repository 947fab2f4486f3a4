"""Text in XML: escaped, and without the characters that XML cannot hold."""

import re
from html import escape
from typing import Final

from kb.export.losses import Losses

# XML 1.0, production 2.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOT_XML: Final = "characters that XML cannot hold, written as U+FFFD"


def as_xml(value: object, losses: Losses) -> str:
    """The value as the text of an element or of an attribute in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text, gone = _NOT_XML.subn("\ufffd", str(value))
    losses.lose(NOT_XML, gone)
    # A parser would make a space of them in an attribute.
    return escape(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
