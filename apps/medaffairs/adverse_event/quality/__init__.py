"""The hospital's quality report on adverse events (F43): from an editable template to a Word file and PDF."""
