"""Stories: GraphQL in, view out, against the whole system on real servers."""
