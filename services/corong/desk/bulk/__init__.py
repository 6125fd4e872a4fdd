"""One act on many cases at once: foreseen for each, done for each, and undone where the life of a case knows how."""
