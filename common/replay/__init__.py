"""Closed-loop replay of a row of inference servers under one cap: how an algorithm does before it acts."""
