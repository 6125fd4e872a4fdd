"""Search in cases."""
