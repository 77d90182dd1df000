"""Lists of the face: rows by condition and order, counts, changes of many, views that people keep."""
