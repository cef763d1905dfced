"""What a payment system is: typed descriptions, read from ``systems/*.yaml`` and checked."""
