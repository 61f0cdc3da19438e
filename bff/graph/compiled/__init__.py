"""Compiled execution: what graphql-core finds out anew for each value, found out once per document.

The value of a root field is completed by one generated Python function, made for what is selected below it.
It checks what graphql-core checks; whatever it does not expect (a wrong type, a missing value, an error,
something to wait for) it declines, and graphql-core completes the same value in its ordinary way. So every
error, its message, path and place, and every null that it leaves, is graphql-core's own.

What is kept as a mapping is read where it is, by what the type's `KEPT` says (`kept.py`); the ordinary
completion is given objects that are made of it.

A field's resolver is called as ever. Resolvers below a root field may be called again where the function
declined: like all resolvers of queries, they must not have effects.
"""

from bff.graph.compiled.executor import CompilingExecutor, compiling
from bff.graph.compiled.leaves import Exactly

__all__ = ["CompilingExecutor", "Exactly", "compiling"]
