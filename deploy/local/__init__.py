"""Private RabbitMQ and PostgreSQL nodes for the demo, the tests and CI (standard library only)."""
