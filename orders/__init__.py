"""The file: roadmap.yaml and the definition that is made of it, and what stands beside it: contacts, tables, calendars."""
