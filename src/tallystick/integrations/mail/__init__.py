"""Word mails, put them together, hand them to a mail server, and read what comes back."""
