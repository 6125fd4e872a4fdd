"""Auditing: everything that happened, in one log."""
