"""A desk for departments without a system of their own."""
