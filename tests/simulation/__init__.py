"""A year of a regency in one run: the services' own code on real databases, and a town that keeps its own book."""
