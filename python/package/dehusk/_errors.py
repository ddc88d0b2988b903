"""What a mistake in dehusk itself looks like."""


class InternalError(RuntimeWarning):
    """A mistake in dehusk; please report it.

    Of a document it is a warning: the document passes through whole, its status is `passed_through`, and a run of hours
    goes on. `warnings.simplefilter("error", dehusk.InternalError)` makes it an exception. Outside of documents it is raised.
    """
