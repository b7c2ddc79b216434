"""Search: what is indexed, how a query is read, and the SQL it becomes."""
