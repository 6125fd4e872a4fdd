"""Answers that officers bring to citizens themselves."""
