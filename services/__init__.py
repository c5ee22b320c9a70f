"""The services of the platform: each a folder, a process, and tables of its own."""

SERVICES = ("intake", "routing", "supervision", "evaluation", "portal")
