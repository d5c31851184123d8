"""Take mails in for the demo, where nobody else can be reached: a mail server on this machine that keeps what it gets in a folder."""
