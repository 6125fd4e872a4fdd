"""The officers' pages: one file for each, in one frame, each behind one question of who may open it."""
