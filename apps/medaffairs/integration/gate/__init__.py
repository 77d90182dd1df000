"""The gate: a process of its own that answers privilege questions from memory.

`process` composes it of services; `ledger` follows the database, `http` answers checks. A new service is a
`Service` that `process.services` lists.
"""
