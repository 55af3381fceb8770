"""The durable loop around the rules: it waits, it remembers what came, and nothing else."""
