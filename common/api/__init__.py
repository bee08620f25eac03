"""Typed objects: our kinds, slim views of built-in ones, and the names that everything agrees on."""
