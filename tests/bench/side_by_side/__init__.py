"""The gateway beside its peers: the same documents, the same data, the same database, in turns."""
