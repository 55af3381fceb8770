"""The append-only log: every fact of every year, complete, ordered, never rewritten.

Appending takes no lock that another stream waits for; one sealer gives the gapless positions a moment later.
"""
