"""Replay: the state of every service folded anew from the log, compared, shown as of a moment, and restored."""
