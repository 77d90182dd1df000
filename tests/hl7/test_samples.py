"""The samples of docs/integration.md get the answers that are printed there."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from medaffairs.integration.hl7 import standard
from medaffairs.integration.hl7.reader import Message
from medaffairs.integration.rules.acceptance import SUPPORTED
from medaffairs.integration.rules.directory import DRUG, Directory, Sender
from medaffairs.integration.rules.reception import faulty, receive, to_judge
from medaffairs.privileging.rules import Event, GrantIndex, KindSettings, decide

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "integration.md"
BLOCK = re.compile(r"^```hl7 (\w+)\n(.*?)^```$", re.M | re.S)
SINCE = datetime(2026, 1, 1)
NOW = datetime(2026, 5, 3, 8, 30)


class Sample(NamedTuple):
    request: str
    answer: str
    decidable: bool


def samples() -> list[Sample]:
    """Each printed answer with the request before it."""
    found, request = [], ""
    for kind, text in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "request":
            request = text
        else:
            found.append(Sample(request, text, kind == "answer"))
    return found


def chinese() -> dict[str, str]:
    with (ROOT / "apps/medaffairs/translations/zh.csv").open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file) if len(row) > 1}


def hospital() -> tuple[Directory, GrantIndex]:
    """The hospital that the guide describes."""
    drugs = {
        "RX_GEN": "PRESCRIPTION",
        "ABX_1": "ANTIMICROBIAL",
        "ABX_2": "ANTIMICROBIAL",
        "ABX_3": "ANTIMICROBIAL",
    }
    directory = Directory(
        mappings={("HIS", DRUG, "J01DD04"): "ABX_2", ("HIS", DRUG, "J01DH02"): "ABX_3"},
        procedures=frozenset({"47.0100", "51.2300"}),
        drug_kinds=drugs,
        senders=tuple(
            Sender(name, strict=name == "STRICT") for name in ("ORIS", "HIS", "HR", "LIS", "STRICT")
        ),
        words=chinese(),
    )
    kinds = [KindSettings(kind) for kind in ("SURGERY", "PRESCRIPTION", "ANTIMICROBIAL")]
    codes = {"SURGERY": directory.procedures, "PRESCRIPTION": {"RX_GEN"}, "ANTIMICROBIAL": set(drugs)}
    index = GrantIndex(
        kinds,
        practitioners={"20001", "20002"},
        codes=codes,
        translate=directory.say,
    )
    held = (("SURGERY", "47.0100"), ("PRESCRIPTION", "RX_GEN"), ("ANTIMICROBIAL", "ABX_2"))
    for number, (kind, code) in enumerate(held, start=1):
        index.apply(Event(number, "Grant", f"PG-{number}", "20001", kind, code, SINCE))
    return directory, index


def answer_to(sample: Sample) -> str:
    """What is sent, one segment a line, with the moment and our own control id left out."""
    directory, index = hospital()

    def ask(act):
        if not sample.decidable:
            return index.undecidable(act.kind, act.emergency)
        return decide(index, act.practitioner, act.kind, act.code, act.at)

    data = sample.request.replace("\n", "\r").encode()
    text = to_judge(data, "10.0.0.7", directory)
    fault = standard.faults(text) if text else ""
    received = faulty(data, fault, directory) if fault else receive(data, "10.0.0.7", directory, ask, NOW)
    return "".join(shown(answer) for answer in received.answers)


def shown(answer: bytes) -> str:
    """An answer as the guide prints it: our MSH-7 and MSH-10 differ each time."""
    lines = []
    for line in answer.decode().rstrip("\r").split("\r"):
        fields = line.split("|")
        if fields[0] == "MSH":
            fields[6], fields[9] = "20260503083001", "MA0001"
        lines.append("|".join(fields))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "sample", samples(), ids=lambda s: s.request.split("|")[9] if "|" in s.request else "none"
)
def test_the_answer_is_the_one_that_is_printed(sample: Sample) -> None:
    assert answer_to(sample) == sample.answer


def test_every_supported_message_has_a_sample() -> None:
    shown_types = {
        Message(sample.request.replace("\n", "\r").encode()).header.message_type
        for sample in samples()
        if sample.request.startswith("MSH")
    }
    supported = {f"{code}^{trigger}" for code, triggers in SUPPORTED.items() for trigger in triggers}
    assert supported <= shown_types


# hl7apy knows no acknowledgement without an event; the others are samples of what is wrong.
NOT_VALIDATED = ("ORU", "ACK|", "HELLO", "MSH|^~\\&|STRICT")


def texts() -> list[str]:
    """Requests and answers that hl7apy can judge."""
    every = [text for sample in samples() for text in (sample.request, sample.answer)]
    return [
        text
        for text in every
        if not any(f"|{code}" in text or text.startswith(code) for code in NOT_VALIDATED)
    ]


@pytest.mark.parametrize("text", texts(), ids=lambda text: "-".join(text.split("|")[8:10]))
def test_the_samples_are_of_the_standard(text: str) -> None:
    assert standard.faults(text.replace("\n", "\r")) == ""
