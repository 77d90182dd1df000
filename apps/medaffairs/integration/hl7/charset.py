"""Character sets of messages: MSH-18 (HL7 table 0211) and the names that senders use for them."""

from __future__ import annotations

UTF8 = "utf-8"
GB18030 = "gb18030"
ASCII = "ascii"
LATIN1 = "latin-1"

# Senders write the same set in many ways; what distinguishes them are letters and digits alone.
_CODECS = {
    "": UTF8,
    "UNICODEUTF8": UTF8,
    "UTF8": UTF8,
    "UNICODE": UTF8,
    "GB180302000": GB18030,
    "GB18030": GB18030,
    # Both are subsets of GB 18030.
    "GBK": GB18030,
    "GB2312": GB18030,
    "ASCII": ASCII,
    "88591": LATIN1,
    "ISO88591": LATIN1,
}
_NAMES = {UTF8: "UNICODE UTF-8", GB18030: "GB 18030-2000", ASCII: "ASCII", LATIN1: "8859/1"}


def codec(name: str, default: str = UTF8) -> str | None:
    """The Python codec of a value of MSH-18; of an empty value the default, of an unknown one None."""
    key = "".join(character for character in name.upper() if character.isalnum())
    return _CODECS.get(key) if key else default


def name_of(codec_name: str) -> str:
    """The value of MSH-18 for a Python codec, as table 0211 spells it."""
    return _NAMES[codec_name]
