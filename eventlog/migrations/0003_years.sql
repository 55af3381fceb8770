-- Which years there are, and which of them are open: asked by every door, of a log of any length.
create index event_year on event (type, roadmap) where type in ('YearStarted', 'YearClosed');
