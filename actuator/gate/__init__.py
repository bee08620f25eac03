"""May this be done? Facts in, refusals out, each with a reason and a sentence (pure)."""
