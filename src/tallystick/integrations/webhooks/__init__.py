"""Send a message to an address that a customer named, without being led anywhere else."""
