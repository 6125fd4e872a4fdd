"""Drills of a training hub: what citizens write in them, what is expected, and how it is scored."""
