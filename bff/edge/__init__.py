"""The edge: from bytes to operations and back, over every transport, and what nobody may do."""
