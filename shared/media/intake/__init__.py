"""What a film must be before work begins: decodable, whole, not locked, of a known length."""
