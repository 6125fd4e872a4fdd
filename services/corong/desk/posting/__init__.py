"""The form of a post, and what becomes of it on each account."""
