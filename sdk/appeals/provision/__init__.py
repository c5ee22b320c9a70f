"""The operator's side of plugging departments in: what the manifests say becomes what RabbitMQ knows.

Read in this order: `rendering` (manifests as RabbitMQ's definitions), `difference` (what the broker has otherwise),
`passwords` (the file with them), `access` (by the management API or by rabbitmqctl), `operator` (compare, apply,
rotate), `retiring` (take a department out).
"""
