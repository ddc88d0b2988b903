from collections.abc import Sequence
from os import PathLike
from typing import Any, AnyStr, Generic, Literal, final

__all__ = ["Cleaner", "Cleaned", "Removal", "SiteModel", "_panic", "clean", "main", "__version__"]

__version__: str

def clean(text: AnyStr) -> AnyStr:
    """Cleans one text with the built-in rules at the level `balanced`, and returns its body.

    Cannot fail for any text: what cannot be cleaned comes back whole. `bytes` may be in any encoding and stay in it.
    """

def main(arguments: list[str]) -> int:
    """Runs the `dehusk` command; `arguments` begin with its name. Returns the exit code."""

def _panic() -> None: ...

@final
class Cleaner:
    """Rules, level and options, ready to clean. Immutable; safe to share between threads, to fork and to pickle.

    `level` is how much goes: gentle, balanced or strict. `rules` are files of rule packs that are added to the built-in
    ones; their text is read here and travels with the cleaner. `select` and `ignore` name categories or rules
    (`cookie-consent`, `cookie-consent/accept-all`). `default_rules` and `model` switch the built-in rules and the learned
    weights. `input_kind` is page or extracted; by default each document tells. `max_removed` is the share of a document's
    words, 0 to 1, over which it passes through whole (default: 0.97 for pages, 0.995 for HTML, 0.40 for extracted
    text), and `max_loss` the share of its text that may be expected to be lost, 0 to 1, over which it does (default: no
    limit). `format` is text, markdown or html, and `to` is what HTML pages become: text or markdown. `site_model` is a
    `SiteModel`, or its bytes as `dehusk learn` writes them: what a site's pages have in common is evidence then.

    Raises `ValueError` for an option or a pack that makes no sense, `TypeError` for one of another type, and `OSError` for a pack that cannot be read.
    """

    def __new__(
        cls,
        level: Literal["gentle", "balanced", "strict"] = "balanced",
        *,
        rules: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
        select: str | Sequence[str] | None = None,
        ignore: str | Sequence[str] | None = None,
        default_rules: bool = True,
        model: bool = True,
        input_kind: Literal["page", "extracted"] | None = None,
        max_removed: float | None = None,
        max_loss: float | None = None,
        format: Literal["text", "markdown", "html"] = "text",
        to: Literal["text", "markdown"] = "text",
        site_model: SiteModel | bytes | None = None,
    ) -> Cleaner: ...
    def clean(self, text: AnyStr, site: str | None = None) -> Cleaned[AnyStr]:
        """Cleans one document. `bytes` may be in any encoding; the body stays in it.

        `site` is the name of the document's site, or its address, of which the host counts: for rules that are scoped to
        sites and for a `site_model`. Without it a first line that is an address says, or the address in an HTML page.

        Raises `TypeError` for anything else. With `format="html"` it is `clean_html`.
        """

    def clean_html(self, page: str | bytes, site: str | None = None) -> Cleaned[str]:
        """Cleans one HTML page. The body is its visible text without chrome, as Markdown with `to="markdown"`. `site` is as
        for `clean`."""

    def clean_batch(
        self,
        data: Any,
        column: str | None = None,
        *,
        site_column: str | None = None,
        report: bool | str | None = None,
        threads: int = 1,
    ) -> Any:
        """Cleans Arrow data: any object with `__arrow_c_array__` or `__arrow_c_stream__`.

        `data` is an array, or a table of which `column` is cleaned: string, large_string, string_view, binary,
        large_binary, binary_view, null, or a dictionary of these; sliced and chunked as it may be. The result has the
        same type, the same rows in the same order, and the same nulls. It is of the library of `data` for pyarrow, polars
        and pandas; for others an object with the same Arrow methods. `site_column` names a column with the site of each row,
        or its address: see `clean`. With it, `column` is no dictionary.

        With `report=True`, or the name of a column, tables get a struct column `dehusk` (or so named) and arrays become
        a struct of `body` and the same fields. They are those of a line of `removals.jsonl`, and `words` before and
        after, `removed_word_ratio` from 0 to 1, and `categories` with counts.

        Other Python threads go on meanwhile. `threads` above 1 are started and end within the call. The result does not
        depend on it.

        Raises `KeyError` for a column that is not there, `TypeError` for one that is no text and for what is no Arrow data, `OverflowError` for a
        result over 2 GiB in a type with offsets of 32 bits, `KeyboardInterrupt` between two documents.
        """

    def to_bytes(self) -> bytes:
        """The options, packs included. Equal cleaners have equal bytes."""

    @staticmethod
    def from_bytes(data: bytes) -> Cleaner:
        """The cleaner of such bytes. Raises `ValueError` for those of another version of dehusk."""

    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SiteModel:
    """Counts the lines that the pages of each site have in common, for `Cleaner(site_model=…)`.

    A model is a function of the set of pages that it has seen: neither their order matters, nor how they were shared out over
    models that were merged. So parts may be observed anywhere. It pickles, and its memory is bounded (docs/site.md).
    """

    def __new__(cls) -> SiteModel: ...
    def observe(
        self, page: str | bytes, site: str | None = None, *, format: Literal["text", "markdown", "html"] = "text"
    ) -> None:
        """Takes note of a page. `site` is its site or its address, as for `Cleaner.clean`; pages without are one site."""
    def observe_batch(
        self,
        data: Any,
        column: str | None = None,
        *,
        site_column: str | None = None,
        format: Literal["text", "markdown", "html"] = "text",
        threads: int = 1,
    ) -> None:
        """Takes note of the pages of an Arrow column. Arguments and errors are those of `Cleaner.clean_batch`; after an
        error or an interrupt nothing of the batch was noted."""
    def merge(self, other: SiteModel) -> None:
        """Takes over what another model has seen. The order of merges does not matter."""
    @property
    def pages(self) -> int:
        """How many pages were seen."""
    @property
    def sites(self) -> dict[str, int]:
        """How many pages of each site were seen; of those without a site, under the empty name."""
    def to_bytes(self) -> bytes:
        """The model as bytes: those of a file of `dehusk learn -o site.model`. Equal models have equal bytes."""
    @staticmethod
    def from_bytes(data: bytes) -> SiteModel:
        """The model of such bytes. Raises `ValueError` for anything but an undamaged model of this version."""

    def __reduce__(self) -> tuple[Any, tuple[bytes]]: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Cleaned(Generic[AnyStr]):
    """A cleaned document: its body, and the receipt for what is not in it."""

    @property
    def body(self) -> AnyStr:
        """The document without what was removed; the same object when nothing was."""
    @property
    def status(self) -> str:
        """How it ended: `cleaned`, `unchanged`, `emptied`, `suspicious` or `passed_through`."""
    @property
    def reason(self) -> str | None:
        """Why the document passed through whole, when it did."""
    @property
    def input_kind(self) -> str | None:
        """What it was taken for, or told to be: `page` or `extracted`. None where it has no words that were read."""
    @property
    def expected_loss(self) -> float | None:
        """The share of the document's text, 0 to 1, that is expected to be among what went (or was withheld): the highest are
        the documents to look at. None without learned weights."""
    @property
    def internal_error(self) -> bool:
        """Whether a mistake in dehusk kept the document from being cleaned."""
    @property
    def encoding(self) -> str | None:
        """The encoding's WHATWG name in lower case."""
    @property
    def removals(self) -> tuple[Removal, ...]:
        """What was removed, in order, disjoint."""
    @property
    def withheld(self) -> tuple[Removal, ...]:
        """What would have been removed from a suspicious document, in order."""
    @property
    def words(self) -> tuple[int, int]:
        """Words before and after; a word for every two characters of scripts without spaces."""
    @property
    def removed_word_ratio(self) -> float:
        """The share of the words that was removed, 0 to 1."""
    @property
    def markdown(self) -> str | None:
        """The body as Markdown, of an HTML page."""
    @property
    def metadata(self) -> dict[str, str | None] | None:
        """Title, author, date, language, canonical_url and site_name, as far as an HTML page says."""
    def to_json(self, path: str = "", *, url: str | None = None) -> str:
        """The document's line of `removals.jsonl`, without a line feed, for `dehusk report` and `dehusk restore`."""
    @classmethod
    def __class_getitem__(cls, key: Any) -> Any: ...

@final
class Removal:
    """One removed piece."""

    @property
    def text(self) -> str:
        """The removed text."""
    @property
    def category(self) -> str:
        """What it was: `cookie-consent`, `navigation`, …"""
    @property
    def rule(self) -> str | None:
        """The rule that removed it; None when the page's shape and the learned weights did."""
    @property
    def start(self) -> int:
        """Where it began, in code points of the text; of an HTML page, of its visible text."""
    @property
    def end(self) -> int:
        """Where it ended (exclusive), in code points."""
    @property
    def byte_start(self) -> int:
        """Where it began, in bytes of the input (of its UTF-8, for a str)."""
    @property
    def byte_end(self) -> int:
        """Where it ended (exclusive), in bytes."""
    @property
    def line_start(self) -> int:
        """The first line it stood on; the first of all is 1."""
    @property
    def line_end(self) -> int:
        """The line after its last."""
    @property
    def score(self) -> float:
        """How likely it is to be chrome, 0 to 1."""
    @property
    def why(self) -> tuple[str, ...]:
        """The evidence, the leading piece first."""
