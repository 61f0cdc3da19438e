"""What every service stands on: settings, database, bus, outbox, health, telemetry, shutdown."""

from services.chassis import lean as lean
