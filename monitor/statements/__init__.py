"""Blocks to statements: the sentences that take a position on a topic, what they say; begins in `texts`."""
