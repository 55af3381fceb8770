"""The reading of documents: orders and plans as offices write them, with their deadlines, bodies and indicators."""
