"""Channels against their peers."""
