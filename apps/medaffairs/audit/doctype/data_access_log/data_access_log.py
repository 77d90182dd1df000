"""Data Access Log."""

from medaffairs.audit.protection import AppendOnly


class DataAccessLog(AppendOnly):
    """Who asked for what, when, from where, and how much he got; one link of the chain."""
