"""What each officer has set for the own pages: local, outside of the log."""
