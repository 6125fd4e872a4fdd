"""Working days as the law counts them: calendars of days off, time zones, and counting day by day. Pure."""
