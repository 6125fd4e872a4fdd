"""Publishing: replies, receipts and posts go out through one loudspeaker, each delivery effectively once."""
