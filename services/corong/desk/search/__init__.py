"""Search in cases: keyed hashes of stems in a table of its own, which an erasure clears (decision 0030)."""
