"""Reading what people wrote: orders and their tables, deadlines, bodies, calendars, the roadmap's YAML."""
