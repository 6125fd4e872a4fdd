"""Who may come in: passwords, one-time links and sessions. Secrets of this installation, never events."""
