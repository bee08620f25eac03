"""Division of nested caps: instances, and a linear program that knows the optimum."""
