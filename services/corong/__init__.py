"""Corong: the communications hub of a local government."""

__version__ = "0.1.0"
