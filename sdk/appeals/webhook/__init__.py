"""Events by HTTP, for an agency that cannot speak AMQP: each is one signed POST, and its answer may hold words.

Read in this order: `target` (what the manifest says), `forwarding` (the department that delivers), `delivery` (one
POST, and what its answer means), `addresses` (where it may go), `signing` (Standard Webhooks), `answers` (what the
receiver says). Retries and dead
letters are the bus's own. Installed by `appeals[webhook]`.
"""
