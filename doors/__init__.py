"""The ways in. A door asks a use case of `app`, shows what it found, and makes its own sign of what went wrong."""
