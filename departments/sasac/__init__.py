"""省国资委, the supervisor of state assets."""
