"""The admission webhook: reserves watts for new pods before they draw any; see ``docs/design.md``."""
