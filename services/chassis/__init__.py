"""What every service stands on: settings, database, bus, outbox, health, telemetry, shutdown."""
