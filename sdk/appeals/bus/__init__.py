"""The reliable bus: what a service says is never lost, never applied twice, and heard in order.

Read in this order: `envelope` (what travels), `causality` (what must be heard before what), `ledger`
(the four tables behind the promises), `pipeline` (a batch becomes one transaction), `relay` (what was
committed gets published), `broker` (what the bus needs of a broker) with `rabbit` (RabbitMQ by kombu),
`topology` (names of queues), `station` (all of it running for one service).
"""
