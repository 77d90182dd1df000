"""Where a document stands: draft, submitted, cancelled."""

from __future__ import annotations


class DocStatus(int):
    """The number that says where a document stands, with its three names."""

    def is_draft(self) -> bool:
        """Not yet submitted."""
        return self == 0

    def is_submitted(self) -> bool:
        """Submitted and in force."""
        return self == 1

    def is_cancelled(self) -> bool:
        """Was submitted, and is void."""
        return self == 2

    @classmethod
    def draft(cls) -> DocStatus:
        """The state of a new document."""
        return cls(0)

    @classmethod
    def submitted(cls) -> DocStatus:
        """The state of a document in force."""
        return cls(1)

    @classmethod
    def cancelled(cls) -> DocStatus:
        """The state of a void document."""
        return cls(2)
