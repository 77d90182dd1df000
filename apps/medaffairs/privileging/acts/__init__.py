"""Acts without a privilege (越权): explanation by the person, judgement by the office, reminders."""
