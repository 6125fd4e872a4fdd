"""Alembic's shared environment, and the key store's versions."""
