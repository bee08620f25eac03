"""The admission webhook as others see it: how it is registered, whether it answers, and what it changes."""
