"""HL7 v2 on its own: reading, writing and framing messages. Nothing here knows a database or a host."""
