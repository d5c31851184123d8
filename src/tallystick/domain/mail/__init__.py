"""Mail customers' people: an outbox of rows, what each server answered, what came back, and who is told next."""
