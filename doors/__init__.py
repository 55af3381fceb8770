"""The commands behind the root scripts, and what they share: output, errors, language, waiting for an answer."""
