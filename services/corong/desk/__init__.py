"""The desk: where officers work. It owns views, not facts: it sends commands to the owning services."""
