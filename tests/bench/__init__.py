"""Benches: what the hub does, as ratios to something measured in the same run on the same machine."""
