"""The use cases: plain values in, typed results out. Every door calls these: the command lines, and what comes beside them."""
