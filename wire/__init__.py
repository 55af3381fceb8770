"""What crosses Temporal: names of queues, workflows and signals, the records, and how they are written as payloads."""
