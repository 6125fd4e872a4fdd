"""What officers do with a case, as forms: each act of the life table with its fields and the command that it sends."""
