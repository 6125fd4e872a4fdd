"""Exports of the log as one archive: made here, recorded by auditing before they are handed out."""
