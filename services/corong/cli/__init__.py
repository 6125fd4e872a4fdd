"""The command line: what stands here is light, each command imports what it needs when it runs."""
