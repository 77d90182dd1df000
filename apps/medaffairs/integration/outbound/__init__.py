"""Messages to other systems: who may do what, sent until it is acknowledged.

`outbox` turns the ledger and the clock into deliveries, `courier` sends them, `deliveries` are the queues between
the two. `messages` composes, `subjects` looks names up for it, `rules` decides: what changed, what an answer
means, when to try again. `docs/integration-outbound.md` has the conventions with samples.
"""
