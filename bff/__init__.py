"""The gateway: a GraphQL backend for front ends, over services that it reaches by network only."""

from services.chassis import lean as lean
