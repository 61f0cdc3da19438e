"""The GraphQL API: one file per operation, assembled in `root`."""

from services.chassis.lean import postponed

with postponed("dateutil.parser"):  # reads moments, which no operation is given
    import strawberry as strawberry
