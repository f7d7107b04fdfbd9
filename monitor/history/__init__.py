"""Bringing in the past: histories of documents that were made elsewhere, judged as a check judges.

Read records first: what a history consists of, and how its records are replayed. git reads a repository,
terms_archive what Open Terms Archive writes into one, mapping which of its names is which document.
web_archive asks a web archive for captures, capture_index reads what it has, web_import brings them in.
"""
