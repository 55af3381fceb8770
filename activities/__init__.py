"""What workflows may ask of the world. Importing this package brings the signatures only, never a database."""
