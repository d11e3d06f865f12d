"""Names files by their first bytes, so that an error can say what a file is instead of what it is not."""

_KINDS: tuple[tuple[tuple[bytes, ...], str], ...] = (
    ((b"\x89HDF\r\n\x1a\n",), "HDF5, as Keras writes .weights.h5"),
    ((b"PK\x03\x04", b"PK\x05\x06"), "a zip archive, such as .npz, .keras or a file of torch.save"),
    (
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "a Python pickle, which is not read since it can run any code",
    ),
    ((b"\x93NUMPY",), "a single array of NumPy (.npy); numpy.savez writes several into one file"),
    ((b"\x1f\x8b",), "gzip; unpack it first"),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"), "a picture"),
    ((b"%PDF-",), "PDF"),
    ((b"{", b"[", b"<"), "text, such as JSON or HTML"),
    ((b"\x08",), "perhaps ONNX"),
)


def kind_of(start: bytes) -> str | None:
    """Return what a file is that begins with *start*, in words that continue "this is"; None if it is not known."""
    return next((kind for signatures, kind in _KINDS if start.startswith(signatures)), None)
