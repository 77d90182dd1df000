"""Reads HL7 v2 messages lazily and in linear time.

`Header` reads MSH alone, which is all that is needed to accept, refuse or recognise a message. `Message`
finds the segments and decodes each of them when it is asked for. Errors name the segment and the field.

A field that is absent and one that holds HL7's null (`""`: "delete what you have") both read as an empty
text; `is_null` tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from medaffairs.integration.hl7 import charset

NULL = '""'

# Conditions of table 0357, as far as reading meets them.
SEGMENT_SEQUENCE = "100"
REQUIRED_FIELD = "101"
DATA_TYPE = "102"
TABLE_VALUE = "103"

_PATH = re.compile(
    r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?\Z", re.ASCII
)
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?(?:\.\d{1,6})?)?(?:[+-]\d{4})?\Z", re.ASCII)


class HL7Error(ValueError):
    """A message, or a part of it, that cannot be read or written.

    `segment` and `sequence` say which segment (the second OBX: "OBX", 2), `field` which field (0: the
    segment itself), `code` is the condition of HL7 table 0357. The sentence is a source of translations; `values`
    take the place of `{0}`, `{1}` in it.
    """

    def __init__(
        self,
        sentence: str,
        segment: str = "",
        field: int = 0,
        code: str = DATA_TYPE,
        sequence: int = 1,
        values: tuple = (),
    ) -> None:
        self.sentence = sentence
        self.values = values
        self.segment = segment
        self.sequence = sequence
        self.field = field
        self.code = code
        super().__init__(self.describe())

    def describe(self, translate: Callable[[str], str] = str) -> str:
        """Place and sentence; `translate` maps an English sentence to the reader's language."""
        text = translate(self.sentence).format(*self.values)
        return f"{self.place}: {text}" if self.segment else text

    @property
    def place(self) -> str:
        """Where it is, as people write it: `OBX[2]-5`."""
        number = f"[{self.sequence}]" if self.sequence > 1 else ""
        return f"{self.segment}{number}" + (f"-{self.field}" if self.field else "")


class Delimiters(NamedTuple):
    """The characters that structure a message; an empty one is not in use."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def encoding_characters(self) -> str:
        """MSH-2."""
        return self.component + self.repetition + self.escape + self.subcomponent


STANDARD = Delimiters()


class Header:
    """MSH: who sends what to whom, and how the message is written."""

    def __init__(self, segment: Segment, codec_name: str) -> None:
        self.segment = segment
        self.delimiters = segment.delimiters
        self.codec = codec_name

    @classmethod
    def parse(cls, data: bytes, default_charset: str = charset.UTF8) -> Header:
        """Reads MSH from the start of a message; the rest is not looked at.

        :param default_charset: Python codec for messages without MSH-18
        :raises HL7Error: when the message does not begin with a readable MSH
        """
        if not data.startswith(b"MSH"):
            raise HL7Error("The message does not begin with MSH", "MSH", 0, SEGMENT_SEQUENCE)
        end = re.search(rb"[\r\n]", data)
        line = data[: end.start()] if end else data
        delimiters = _delimiters(line)
        text, codec_name = _header_text(line, delimiters, default_charset)
        return cls(Segment(text, delimiters, codec_name, 1), codec_name)

    def _component(self, field: int, component: int = 1) -> str:
        return self.segment.get(field, component)

    @cached_property
    def sending_application(self) -> str:
        """MSH-3.1"""
        return self._component(3)

    @cached_property
    def sending_facility(self) -> str:
        """MSH-4.1"""
        return self._component(4)

    @cached_property
    def receiving_application(self) -> str:
        """MSH-5.1"""
        return self._component(5)

    @cached_property
    def receiving_facility(self) -> str:
        """MSH-6.1"""
        return self._component(6)

    @cached_property
    def sender(self) -> str:
        """Application and facility of the sender, joined by a bar: what its control ids are unique within."""
        return f"{self.sending_application}|{self.sending_facility}"

    @cached_property
    def created_at(self) -> datetime | None:
        """MSH-7"""
        return self.segment.time(7)

    @cached_property
    def message_code(self) -> str:
        """MSH-9.1: `SIU`"""
        return self._component(9, 1)

    @cached_property
    def trigger(self) -> str:
        """MSH-9.2: `S12`"""
        return self._component(9, 2)

    @cached_property
    def structure(self) -> str:
        """MSH-9.3: `SIU_S12`"""
        return self._component(9, 3)

    @cached_property
    def message_type(self) -> str:
        """Message code and trigger: `SIU^S12`"""
        trigger = self.trigger
        return f"{self.message_code}^{trigger}" if trigger else self.message_code

    @cached_property
    def control_id(self) -> str:
        """MSH-10"""
        return self._component(10)

    @cached_property
    def processing_id(self) -> str:
        """MSH-11.1: `P`, `T` or `D`"""
        return self._component(11)

    @cached_property
    def version(self) -> str:
        """MSH-12.1: `2.5.1`"""
        return self._component(12)

    @cached_property
    def accept_acknowledgement(self) -> str:
        """MSH-15: `AL`, `NE`, `ER`, `SU`, or empty in original mode"""
        return self._component(15)

    @cached_property
    def application_acknowledgement(self) -> str:
        """MSH-16: `AL`, `NE`, `ER`, `SU`, or empty in original mode"""
        return self._component(16)

    @cached_property
    def enhanced(self) -> bool:
        """Whether the sender asks for the enhanced acknowledgement mode."""
        return bool(self.accept_acknowledgement or self.application_acknowledgement)

    @cached_property
    def charset(self) -> str:
        """MSH-18 as the sender wrote it"""
        return self._component(18)


class Segment:
    """One segment. Fields, repetitions and components are counted from 1, as HL7 counts them."""

    __slots__ = ("_fields", "codec", "delimiters", "name", "sequence")

    def __init__(self, text: str, delimiters: Delimiters, codec_name: str, sequence: int) -> None:
        self.delimiters = delimiters
        self.codec = codec_name
        self.sequence = sequence
        self._fields = text.split(delimiters.field)
        self.name = self._fields[0]
        if self.name == "MSH":
            # MSH-1 is the separator itself.
            self._fields.insert(1, delimiters.field)

    def __len__(self) -> int:
        """The number of the last field that is there."""
        return len(self._fields) - 1

    def __repr__(self) -> str:
        return f"<Segment {self.delimiters.field.join(self._fields)[:60]!r}>"

    def raw(self, field: int) -> str:
        """A whole field as it was sent."""
        return self._fields[field] if field < len(self._fields) else ""

    def repetitions(self, field: int) -> list[str]:
        """The repetitions of a field as they were sent; none of an empty field."""
        text = self.raw(field)
        if not text:
            return []
        if self._is_literal(field) or not self.delimiters.repetition:
            return [text]
        return text.split(self.delimiters.repetition)

    def get(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str:
        """The text of a component without escapes; empty when it is absent or null.

        A component that has subcomponents reads as its first one, a field as its first component: newer
        versions of HL7 extend to the right, so that a reader who knows only the first may read it.
        """
        text = self._part(field, component, subcomponent, repetition)
        return "" if text == NULL else self._unescape(text, field)

    def is_null(self, field: int, component: int = 1, repetition: int = 1) -> bool:
        """Whether the sender says: delete what you have."""
        return self._part(field, component, 1, repetition) == NULL

    def components(self, field: int, repetition: int = 1) -> list[str]:
        """All components of a repetition, each as `get` reads it."""
        parts = self.repetitions(field)
        if repetition > len(parts):
            return []
        separator = self.delimiters.component
        count = parts[repetition - 1].count(separator) + 1 if separator else 1
        return [self.get(field, number, 1, repetition) for number in range(1, count + 1)]

    def text(self, field: int, repetition: int = 1) -> str:
        """A repetition whose data type has no components (ST, TX, FT), read whole."""
        parts = self.repetitions(field)
        return self._unescape(parts[repetition - 1], field) if repetition <= len(parts) else ""

    def time(self, field: int, component: int = 1, repetition: int = 1) -> datetime | None:
        """A moment (TS, DTM, DT), None when empty. Zones are not applied: a hospital has one local time.

        :raises HL7Error: when the text is no moment
        """
        text = self.get(field, component, 1, repetition)
        return parse_time(text, self.name, field, self.sequence) if text else None

    def require(self, field: int, component: int = 1) -> str:
        """A component that has to be there.

        :raises HL7Error: when it is empty
        """
        text = self.get(field, component)
        if not text:
            part = f".{component}" if component > 1 else ""
            raise HL7Error(
                "{0} is empty",
                self.name,
                field,
                REQUIRED_FIELD,
                self.sequence,
                (f"{self.name}-{field}{part}",),
            )
        return text

    def _is_literal(self, field: int) -> bool:
        return self.name == "MSH" and field <= 2

    def _part(self, field: int, component: int, subcomponent: int, repetition: int) -> str:
        text = self._fields[field] if field < len(self._fields) else ""
        if not text or self._is_literal(field):
            return text
        if text.isalnum():
            # Nothing in it can be a delimiter: most fields are one plain word.
            return text if component == subcomponent == repetition == 1 else ""
        _, component_mark, repetition_mark, _, subcomponent_mark = self.delimiters
        text = _piece(text, repetition_mark, repetition)
        text = _piece(text, component_mark, component)
        return _piece(text, subcomponent_mark, subcomponent)

    def _unescape(self, text: str, field: int) -> str:
        if not self.delimiters.escape or self.delimiters.escape not in text or self._is_literal(field):
            return text
        try:
            return unescape(text, self.delimiters, self.codec)
        except ValueError:
            raise HL7Error(
                "Bytes that are not {0}", self.name, field, DATA_TYPE, self.sequence, (self.codec,)
            ) from None


class Message:
    """A whole message. Segments are found at once, decoded when they are asked for."""

    def __init__(
        self, data: bytes, header: Header | None = None, default_charset: str = charset.UTF8
    ) -> None:
        """:raises HL7Error: when the message has no MSH or a line that is no segment"""
        self.header = header or Header.parse(data, default_charset)
        self._lines = _lines(data, self.header.delimiters.field)
        self._names: list[str] = []
        self._segments: list[Segment | None] = [self.header.segment]
        seen: dict[str, int] = {}
        self._sequences: list[int] = []
        for number, line in enumerate(self._lines, start=1):
            name = _segment_name(line, self.header.delimiters.field, number)
            seen[name] = seen.get(name, 0) + 1
            self._names.append(name)
            self._sequences.append(seen[name])
        self._segments += [None] * (len(self._lines) - 1)

    @classmethod
    def of_text(cls, text: str) -> Message:
        """A message that was stored as text; what MSH-18 says of its bytes then is true of them again."""
        line = re.split(r"[\r\n]", text, maxsplit=1)[0].encode("utf-8")
        named = _named_charset(line.decode("utf-8"), _delimiters(line))
        codec_name = charset.codec(named) or charset.UTF8
        return cls(text.encode(codec_name), default_charset=codec_name)

    def __iter__(self) -> Iterator[Segment]:
        """All segments in their order."""
        return (self._at(position) for position in range(len(self._lines)))

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self._lines)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the segments in their order; nothing is decoded for it."""
        return tuple(self._names)

    def segments(self, *names: str) -> list[Segment]:
        """The segments of these names in their order."""
        return [self._at(position) for position, name in enumerate(self._names) if name in names]

    def segment(self, name: str, number: int = 1) -> Segment | None:
        """A segment by its name and number, None when the message has none."""
        for position, found in enumerate(self._names):
            if found == name and self._sequences[position] == number:
                return self._at(position)
        return None

    def require(self, name: str) -> Segment:
        """The first segment of a name.

        :raises HL7Error: when there is none
        """
        found = self.segment(name)
        if found is None:
            raise HL7Error("The segment is missing", name, 0, SEGMENT_SEQUENCE)
        return found

    def groups(self, *starts: str) -> Iterator[list[Segment]]:
        """The segments cut into groups: each begins with one of `starts` and holds what follows it."""
        group: list[Segment] = []
        for position, name in enumerate(self._names):
            if name in starts:
                if group:
                    yield group
                group = [self._at(position)]
            elif group:
                group.append(self._at(position))
        if group:
            yield group

    def get(self, path: str) -> str:
        """A text by its path: `PID-3.1`, `OBX[2]-5`, `PID-3[2].4.1`; empty when it is not there."""
        name, number, field, repetition, component, subcomponent = _path(path)
        segment = self.segment(name, number)
        return segment.get(field, component, subcomponent, repetition) if segment else ""

    def is_null(self, path: str) -> bool:
        """Whether the sender says of this field: delete what you have."""
        name, number, field, repetition, component, _ = _path(path)
        segment = self.segment(name, number)
        return bool(segment and segment.is_null(field, component, repetition))

    def _at(self, position: int) -> Segment:
        segment = self._segments[position]
        if segment is None:
            segment = self._segments[position] = self._decode(position)
        return segment

    def _decode(self, position: int) -> Segment:
        line, codec_name = self._lines[position], self.header.codec
        try:
            text = line.decode(codec_name)
        except UnicodeDecodeError as error:
            before = line[: error.start].decode(codec_name)
            raise HL7Error(
                "Bytes that are not {0}: {1}",
                self._names[position],
                before.count(self.header.delimiters.field),
                sequence=self._sequences[position],
                values=(codec_name, line[error.start : error.start + 4].hex(" ")),
            ) from None
        return Segment(text, self.header.delimiters, codec_name, self._sequences[position])


def parse_time(text: str, segment: str = "", field: int = 0, sequence: int = 1) -> datetime:
    """A moment of HL7 (`YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+ZZZZ]`), cut to seconds.

    :raises HL7Error: when the text is no moment
    """
    match = _TIME.match(text)
    try:
        if match:
            year, month, day, hour, minute, second = match.groups()
            return datetime(
                int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0)
            )
    except ValueError:
        pass
    raise HL7Error("Not a time: {0}", segment, field, DATA_TYPE, sequence, (text[:30],))


def unescape(text: str, delimiters: Delimiters = STANDARD, codec_name: str = charset.UTF8) -> str:
    """A text without HL7's escapes. What is no known escape stays as it is.

    :raises UnicodeDecodeError: when bytes given in hexadecimal are not of the character set
    """
    pattern, plain = _escapes(delimiters)

    def replace(match: re.Match) -> str:
        word = match.group(1)
        if word is not None:
            return plain[word]
        digits = "".join(re.findall(r"[0-9A-Fa-f]{2}", match.group(0).replace("X", "")))
        return bytes.fromhex(digits).decode(codec_name)

    return pattern.sub(replace, text)


@lru_cache(maxsize=32)
def _escapes(delimiters: Delimiters) -> tuple[re.Pattern, dict[str, str]]:
    mark = re.escape(delimiters.escape)
    plain = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        ".br": "\n",
        # Highlighting has no meaning in stored text.
        "H": "",
        "N": "",
    }
    # Senders escape a character of several bytes as one sequence or byte by byte: neighbours are one text.
    return (
        re.compile(rf"{mark}(F|S|T|R|E|H|N|\.br){mark}|(?:{mark}X(?:[0-9A-Fa-f]{{2}})+{mark})+"),
        plain,
    )


@lru_cache(maxsize=512)
def _path(path: str) -> tuple[str, int, int, int, int, int]:
    match = _PATH.match(path)
    if not match:
        raise ValueError(f"not a path: {path}")
    name, number, field, repetition, component, subcomponent = match.groups()
    return (
        name,
        int(number or 1),
        int(field),
        int(repetition or 1),
        int(component or 1),
        int(subcomponent or 1),
    )


def _piece(text: str, mark: str, number: int) -> str:
    if not mark or mark not in text:
        return text if number == 1 else ""
    pieces = text.split(mark, number)
    return pieces[number - 1] if number <= len(pieces) else ""


def _delimiters(line: bytes) -> Delimiters:
    separator = line[3:4].decode("latin-1")
    if not separator or not _is_delimiter(separator):
        raise HL7Error("This is no field separator", "MSH", 1, REQUIRED_FIELD)
    marks = line[4:].split(separator.encode("latin-1"), 1)[0].decode("latin-1")
    if not 1 <= len(marks) <= 5 or not all(map(_is_delimiter, marks)):
        raise HL7Error("These are no encoding characters", "MSH", 2, REQUIRED_FIELD)
    if len(set(separator + marks)) != len(marks) + 1:
        raise HL7Error("A character separates two things", "MSH", 2, DATA_TYPE)
    # A fifth character, for truncation since version 2.7, has no meaning here.
    return Delimiters(separator, *(marks[number : number + 1] for number in range(4)))


def _is_delimiter(character: str) -> bool:
    return character.isascii() and character.isprintable() and not character.isalnum() and character != " "


def _header_text(line: bytes, delimiters: Delimiters, default: str) -> tuple[str, str]:
    """The text of MSH and its codec. Where bytes beyond ASCII make the reading ambiguous (the second byte of
    a Chinese character in GB 18030 may look like a separator), that codec counts whose reading names itself."""
    ascii_only = line.isascii()
    candidates = (charset.ASCII,) if ascii_only else (default, charset.UTF8, charset.GB18030, charset.LATIN1)
    for candidate in candidates:
        try:
            text = line.decode(candidate)
        except UnicodeDecodeError:
            continue
        found = charset.codec(_named_charset(text, delimiters), default)
        if found and (ascii_only or found == candidate):
            return text, found
    named = _named_charset(line.decode("latin-1"), delimiters)
    found = charset.codec(named, default)
    if found is None:
        raise HL7Error("Unknown character set: {0}", "MSH", 18, TABLE_VALUE, values=(named[:30],))
    try:
        line.decode(found)
    except UnicodeDecodeError as error:
        field = line[: error.start].count(delimiters.field.encode("ascii")) + 1
        raise HL7Error("Bytes that are not {0}", "MSH", field, values=(found,)) from None
    raise HL7Error("Bytes that are not {0}", "MSH", 18, values=(found,))


def _named_charset(text: str, delimiters: Delimiters) -> str:
    fields = text.split(delimiters.field, 18)
    first = _piece(fields[17], delimiters.repetition, 1) if len(fields) > 17 else ""
    return _piece(first, delimiters.component, 1)


@lru_cache(maxsize=16)
def _ends(separator: bytes) -> re.Pattern:
    # A line feed within a text is no end: it is one only before what looks like a segment.
    return re.compile(rb"\r\n?|\n(?=[A-Z][A-Z0-9]{2}(?:" + re.escape(separator) + rb"|[\r\n]|\Z))")


def _lines(data: bytes, separator: str) -> list[bytes]:
    pieces = _ends(separator.encode("ascii")).split(data.rstrip(b"\r\n"))
    return [line for line in pieces if line.strip(b"\n")]


def _segment_name(line: bytes, separator: str, number: int) -> str:
    head = line.split(separator.encode("ascii"), 1)[0]
    name = head.decode("latin-1")
    if len(name) != 3 or not name.isascii() or not name.isalnum() or not name[0].isupper():
        raise HL7Error(
            "Line {0} is no segment: {1}",
            name[:3] if name.isalnum() else "",
            0,
            SEGMENT_SEQUENCE,
            values=(number, name[:20]),
        )
    return name
