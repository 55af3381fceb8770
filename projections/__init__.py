"""Read models: pure folds of the log and their tables, with the projector that keeps them up to date."""
