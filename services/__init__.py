"""The services: one package each, on one chassis."""

from services.chassis import lean as lean
