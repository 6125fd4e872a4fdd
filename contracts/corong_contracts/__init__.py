"""The published language of Corong: events, topology, and what a channel has to be."""
