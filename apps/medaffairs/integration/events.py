"""What happens to messages by themselves."""

from __future__ import annotations

from datetime import timedelta

from frappe.utils import now_datetime

from medaffairs.integration import processing

# The gate processes what it receives within seconds. What is older was left behind by a gate that is down.
LEFT_BEHIND = timedelta(seconds=60)
MOST_AT_ONCE = 500


def process_left_behind() -> int:
    """Processes messages that were kept and not processed, because the gate is down; how many."""
    return processing.process_batch(MOST_AT_ONCE, before=now_datetime() - LEFT_BEHIND)
