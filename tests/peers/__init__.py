"""Real servers of other makes that tests talk to, each started in its own temporary folder."""
