"""Mails."""

from lendery.trace import note


def body(*args, **kwargs):
    note("make_email_body_message", args=[str(arg)[:80] for arg in args], kwargs=sorted(kwargs))
    return None


def sender(*args, **kwargs):
    note("get_sender_details", args=[str(arg)[:80] for arg in args], kwargs=sorted(kwargs))
    return "Lendery Desk", "desk@example.com"


def send(queue, sender, recipient, message):
    note("override_email_send", sender=sender, recipient=recipient, size=len(message))
