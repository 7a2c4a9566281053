"""The database's history of shapes, one file a step; steps are never changed once they have been released."""
