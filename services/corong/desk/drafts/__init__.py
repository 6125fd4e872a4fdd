"""What officers have written and not sent: kept on the server, sealed, outside of the log (decision 0031)."""
