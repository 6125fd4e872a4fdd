"""Views that an officer keeps under a name: filters of the queue and searches, outside of the log (decision 0024)."""
