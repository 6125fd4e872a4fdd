"""What a citizen said at the counter, by telephone or on paper, entered by an officer."""
