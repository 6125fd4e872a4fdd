"""Routing: which unit answers a case, as what kind and how soon; then the life of the case."""
