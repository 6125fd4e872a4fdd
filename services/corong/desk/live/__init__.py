"""Pages that hear of changes while they are open, and who else has a case open (decision 0031)."""
