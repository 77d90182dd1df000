"""Filters for templates."""


def shelfmark(text):
    return f"[{text}]"
