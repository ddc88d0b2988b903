"""Removes site chrome from scraped text and keeps a receipt for every byte it removed.

>>> import dehusk
>>> dehusk.clean("Subscribe to our newsletter\\n\\nThe ferry left at noon, and nobody on the pier waved.\\n")
'The ferry left at noon, and nobody on the pier waved.\\n'

`Cleaner` takes options, cleans texts, HTML pages and Arrow data, and pickles. `SiteModel` learns what the pages of a site
have in common, for `Cleaner(site_model=…)`. The adapters `dehusk.spark`, `dehusk.ray`,
`dehusk.datatrove` and `dehusk.datasets` put it to work in those engines; each imports its engine only when it is used.

Offsets are half-open. `start` and `end` are code points of the text, `byte_start` and `byte_end` bytes of its UTF-8 (of
the input, where that is `bytes`).
"""

# What calls need is imported here: were it imported by the first call, a process that forks meanwhile would wait for ever.
from dehusk import _arrow, _made  # noqa: F401
from dehusk._dehusk import Cleaned, Cleaner, Removal, SiteModel, __version__, clean
from dehusk._errors import InternalError

__all__ = ["Cleaned", "Cleaner", "InternalError", "Removal", "SiteModel", "__version__", "clean"]
