"""Mail: the outbox, its tries, and what comes back."""
