"""Intake: what citizens write, taken once."""
