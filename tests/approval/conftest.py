"""The small hospital of these tests."""

from support.ward import ward

__all__ = ["ward"]
