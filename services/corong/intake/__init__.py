"""Intake: accepts what citizens write, once, and gives it a number."""
