"""Reads multipart forms; an error of a form is a problem of this service."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from service.domain.field_messages import HINTS, MESSAGES, with_hints
from service.domain.suggestions import did_you_mean
from service.errors import InvalidInput, MalformedBody, TooLarge
from service.inference.requests.body import media_type_of

#: How Starlette's errors begin for a form with too many files or fields, or too long a field.
OVER_LIMITS = ("Too many", "Part exceeded")


@dataclass(frozen=True, kw_only=True)
class FormFile:
    """A file of a form.

    Attributes:
        pointer: Its place in the form, for errors.
        name: The file name that the client declares; empty if it declares none.
        file: Its bytes, in memory or on the disk.
    """

    pointer: str
    name: str
    media_type: str | None
    file: IO[bytes]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form: its files in their order, and the values of its other fields."""

    files: list[FormFile]
    fields: dict[str, list[str]]

    def value(self, name: str) -> str | None:
        """Return the value of a field that can be sent once; None if it was not sent.

        Raises:
            InvalidInput: It was sent several times.
        """
        values = self.fields.get(name, [])
        if len(values) > 1:
            raise InvalidInput.at(f"/{name}", f"The form has the field `{name}` {len(values)} times; send it once.")
        return values[0] if values else None


def is_form(request: Request) -> bool:
    """Return whether the body is declared as a form with files."""
    return media_type_of(request.headers.get("content-type")) == "multipart/form-data"


async def read_form(request: Request, *, fields: Collection[str], max_files: int) -> Form:
    """Read a form with any files, and with no other fields than these.

    Raises:
        MalformedBody: It is no form, or it is damaged.
        TooLarge: It has too many files or fields, or too long a field.
        InvalidInput: It has another field.
    """
    try:
        form = await request.form(max_files=max_files)
    except HTTPException as error:  # Starlette raises a 400 for every fault of a form
        kind = TooLarge if error.detail.startswith(OVER_LIMITS) else MalformedBody
        raise kind(f"The form cannot be read: {error.detail}") from None
    files: list[FormFile] = []
    values: dict[str, list[str]] = {}
    for number, (name, part) in enumerate(form.multi_items()):
        if isinstance(part, UploadFile):
            pointer = f"/{name}/{number}"
            files.append(
                FormFile(pointer=pointer, name=part.filename or "", media_type=part.content_type, file=part.file)
            )
        elif name in fields:
            values.setdefault(name, []).append(part)
        else:
            raise _unknown(name, fields)
    return Form(files=files, fields=values)


def _unknown(name: str, fields: Collection[str]) -> InvalidInput:
    hint = did_you_mean(name, sorted(fields)) or {"known_fields": ", ".join(sorted({*fields, "file"}))}
    message = with_hints(MESSAGES["extra_forbidden"], HINTS, hint)
    return InvalidInput.at(f"/{name}", message, "extra_forbidden", **hint)
