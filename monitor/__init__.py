"""tos-monitor: watch the terms of AI providers and re-verify what is published about them."""

__version__ = "0.1.0"
