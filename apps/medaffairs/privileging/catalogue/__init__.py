"""The catalogue of procedures: levels by scheme and year, import and export, statistics."""
