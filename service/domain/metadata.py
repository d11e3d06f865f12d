"""The labels that a client gives a job."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from service.domain.field_messages import field_error
from service.errors import InvalidInput

NO_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store this character
MetadataKey = Annotated[str, Field(min_length=1, max_length=64, pattern=r'^[^"\\\x00-\x1f]+$')]
MetadataValue = Annotated[str, Field(max_length=512, pattern=NO_NUL)]

_KEY: TypeAdapter[str] = TypeAdapter(MetadataKey)


def metadata_key(text: str) -> str:
    """Return *text* if it is valid as a key of a job's metadata.

    Raises:
        InvalidInput: It is not.
    """
    try:
        return _KEY.validate_python(text)
    except ValidationError as error:
        field = field_error(f"query/metadata[{text}]", error.errors()[0])
        raise InvalidInput(field.message, field) from error
