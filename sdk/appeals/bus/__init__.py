"""The reliable bus: what a service says is never lost, never applied twice, and heard in order.

Read in this order: `envelope` (what travels), `causality` (what must be heard before what), `ledger` (the four
tables behind the promises), `participant` (who takes part), `pipeline` (a batch becomes one transaction) with
`saying` and `fates`, `relay` (what was committed gets published), `consumer` (what arrives gets applied), `broker`
(what the bus needs of a broker) with `rabbit` (RabbitMQ by kombu), `topology` (names of queues), `station` (all of
it running for one participant), `metrics`, `measured` and `monitoring` (how it is doing), `asking` (commands),
`on_nameko` (in a nameko service).
"""
