"""Blocks to statements: the sentences that take a position on a topic, and what they say; begins in `texts`."""
