"""Reading what people wrote: orders, plans, deadlines, bodies, calendars and the roadmap's own YAML."""
