"""The gate's sentences in the languages of its callers, without a database at hand."""

from __future__ import annotations

from collections.abc import Callable

import frappe

from medaffairs.privileging import rules

LANGUAGE = "zh"


class Words:
    """Chinese, and English for those who prefer it."""

    def __init__(self) -> None:
        self._chinese: dict[str, str] = {}

    def load(self) -> None:
        """Reads the sentences; needs a connected site."""
        self._chinese = {text: frappe._(text, LANGUAGE) for text in sentences()}

    def translator(self, accepted: str) -> Callable[[str], str]:
        """How to say a sentence to somebody who accepts these languages (an `Accept-Language` header)."""
        if accepted[:2].lower() == "en":
            return str
        return self.in_chinese

    def in_chinese(self, text: str) -> str:
        """A sentence in Chinese."""
        return self._chinese.get(text, text)


def sentences() -> list[str]:
    """Everything that the gate says."""
    return [*rules.MESSAGES.values(), *rules.MESSAGES_WITHOUT_BOUND.values(), *SENTENCES]


SENTENCES = (
    "Unknown field: {0}",
    "{0} is missing",
    "{0} is given more than once",
    "{0} is not a date and time: {1}",
    "{0} must be text: {1}",
    "{0} must be 0 or 1: {1}",
    "{0} is longer than {1} characters",
    "{0} holds characters that are not allowed",
    "A list of questions is expected",
    "an object with fields is expected",
    "At most {0} questions at once",
    "Question {0}: {1}",
    "A valid API key is needed: Authorization: token key:secret",
    "Too many wrong keys; try again in {0} seconds",
    "The key cannot be checked now; try again shortly",
    "You may only ask about your own privileges",
    "The grants are not loaded yet; try again shortly",
    "What was on record then cannot be read now",
    "The request did not arrive in time",
    "The request is not valid JSON",
    "The request is too large",
    "The request cannot be answered",
    "There is nothing at this address",
    "This method is not answered at this address",
    "This cannot be answered now, because it cannot be recorded",
    "The gate failed; the operator finds the reason in its log",
)
