"""Auditing: the log."""
