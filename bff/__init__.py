"""The gateway: a GraphQL backend for front ends, over services that it reaches by network only."""
