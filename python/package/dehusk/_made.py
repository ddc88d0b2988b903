"""Cleaners that came from elsewhere, kept: an engine hands a worker the same one with every task."""

from functools import lru_cache

from dehusk._dehusk import Cleaner


@lru_cache(maxsize=4)
def cleaner(options: bytes) -> Cleaner:
    """The cleaner of these options."""
    return Cleaner.from_bytes(options)
