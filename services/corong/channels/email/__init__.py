"""E-mail: a source by IMAP, a sink by SMTP, and what a mail says in between."""
