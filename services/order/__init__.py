"""The order aggregate and the fruit catalogue; knows prices."""
