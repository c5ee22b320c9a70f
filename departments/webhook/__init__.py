"""Hands a department its events by HTTP, for one that cannot speak AMQP."""
