"""Functions for templates."""


def fine_text(amount):
    return f"{amount:.2f} due"
