"""What more than one service needs: the unit of work, the relay, sealing, who may do what."""
