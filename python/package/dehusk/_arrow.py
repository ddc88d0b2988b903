"""Arrow data as objects of the library that the caller uses."""

from typing import Any


def like(data: Any, result: Any) -> Any:
    """Gives `result`, which speaks the Arrow C interface, the type that `data` has."""
    library = type(data).__module__.partition(".")[0]
    table = hasattr(result, "column_names") or hasattr(result, "num_columns")
    if library == "polars":
        import polars

        return polars.DataFrame(result) if table else polars.Series(data.name, result)
    if library in ("pyarrow", "pandas"):
        import pyarrow

        if hasattr(result, "__arrow_c_array__"):
            result = pyarrow.record_batch(result) if table else pyarrow.array(result)
        else:
            result = pyarrow.table(result) if table else pyarrow.chunked_array(result)
    if library == "pandas":
        result = result.to_pandas()
        if not table:
            result.index, result.name = data.index, data.name
    return result
