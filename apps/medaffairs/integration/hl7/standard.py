"""Whether a message keeps to the letter of its HL7 version, as hl7apy knows it.

Costs some ten milliseconds a message. Run as a program it is a checker that another process asks: a line of JSON, the
text of a message, comes in, a line of JSON with what is wrong goes out.
"""

from __future__ import annotations

import json
import re
import sys
from tempfile import NamedTemporaryFile
from typing import TextIO

from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.core import Message
from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

# What hl7apy asks for wrongly: all six of the segments of which an order has one, and, where a prescription has a TQ1
# behind its RXE, a second one, because it takes that for the group of the same segment before it.
_WRONGLY_ASKED = re.compile(
    r"Missing required child (OR[MR]_O0[12]_OBRRQDRQ1RXOODSODT_SUPPGRP|RDE_O11_ORDER)\.(\w{3}|RDE_O11_TIMING_ENCODED)\Z"
)


def faults(text: str) -> str:
    """The first thing in a message that breaks the standard, in hl7apy's words; empty when nothing does."""
    try:
        message = parse_message(text, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
        message.validate()
    except (HL7apyException, ValueError) as error:
        if _WRONGLY_ASKED.match(str(error)):
            return next((found for found in _all_faults(message) if not _WRONGLY_ASKED.match(found)), "")
        return str(error) or type(error).__name__
    return ""


def _all_faults(message: Message) -> list[str]:
    """Everything that hl7apy finds, which it tells only a file."""
    with NamedTemporaryFile("r", encoding="utf-8") as report:
        try:
            message.validate(report_file=report.name)
        except HL7apyException:
            lines = [line.rstrip("\n").partition("Error: ") for line in report]
            return [found for _, mark, found in lines if mark]
    return []


def answer(questions: TextIO, answers: TextIO) -> None:
    """Answers until nobody asks any more. What the library itself stumbles over counts as a fault."""
    for line in questions:
        try:
            found = faults(json.loads(line))
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    answer(sys.stdin, sys.stdout)
