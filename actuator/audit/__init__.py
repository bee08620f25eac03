"""The record of decisions: what is noted before and after every deed, where it is kept, and who is told."""
