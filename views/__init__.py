"""What people look at, made of projections or of a fold of the log up to a date."""
