"""Audit Seal."""

from medaffairs.audit.protection import AppendOnly


class AuditSeal(AppendOnly):
    """The end of the chain on a day, kept so that a later change shows."""
