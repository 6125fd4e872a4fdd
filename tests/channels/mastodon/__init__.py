"""The Mastodon channel: its reading, its client, and both ends against real servers and a faithful stand-in."""
