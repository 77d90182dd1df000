"""What the hospital knows, as far as messages are read with it: senders, codes of other systems, catalogue."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property

PROCEDURE = "Procedure"
DRUG = "Drug Privilege"
PERSON = "Practitioner"
DEPARTMENT = "Clinical Department"
ITEM = "Dictionary Item"
ANY_SYSTEM = "*"


@dataclass(frozen=True)
class Sender:
    """A system that may send. Empty `facility` and `host`: any. `codec` is of messages without MSH-18.

    What a `strict` one sends is received only when it keeps to the standard to the letter.
    """

    application: str
    facility: str = ""
    host: str = ""
    codec: str = "utf-8"
    strict: bool = False

    def matches(self, application: str, facility: str, host: str) -> bool:
        """Whether a message of that application and facility from that address is one of this sender."""
        return (
            self.application == application
            and self.facility in ("", facility)
            and (not self.host or not host or self.host == host)
        )


@dataclass(frozen=True)
class Directory:
    """Everything that reading acts needs, as plain values.

    `mappings` has (source system, DocType, source code) → own code; `drug_kinds` the kind of privilege of
    each drug privilege; `senders` is empty when every sender is welcome.
    """

    mappings: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    procedures: Container[str] = frozenset()
    drug_kinds: Mapping[str, str] = field(default_factory=dict)
    procedure_kind: str = "SURGERY"
    # What a prescription needs when the drug is not mapped to a privilege of its own (处方管理办法 art. 8).
    general_privilege: str = "RX_GEN"
    code_system: str = "ICD9CM3"
    senders: tuple[Sender, ...] = ()
    # English sentence → the language in which senders are answered.
    words: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def strict(self) -> bool:
        """Whether there is a sender whose messages are judged strictly."""
        return any(sender.strict for sender in self.senders)

    def say(self, sentence: str) -> str:
        """A sentence in the language in which senders are answered."""
        return self.words.get(sentence) or sentence

    def sender(self, application: str, facility: str, host: str) -> Sender | None:
        """The registered sender of a message, None when it is not registered."""
        return next((s for s in self.senders if s.matches(application, facility, host)), None)

    def translate(self, source: str, doctype: str, code: str) -> str:
        """The own code for a code of a system; empty when it is not mapped.

        :param source: `application|facility`; mappings may name both, the application alone, or `*`
        """
        if self.mappings:
            for system in (source, source.partition("|")[0], ANY_SYSTEM):
                target = self.mappings.get((system, doctype, code))
                if target:
                    return target
        return ""

    def own(self, source: str, doctype: str, code: str) -> str:
        """The own code for a code of a system, the code itself when it is not mapped."""
        return self.translate(source, doctype, code) or code
