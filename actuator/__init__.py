"""The actuator: turns plans into grants and settings; the only part that writes NodeFrequencies."""
