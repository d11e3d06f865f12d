"""The security headers of every response."""

Headers = list[tuple[bytes, bytes]]

CONTENT_SECURITY_POLICY = b"content-security-policy"

#: The policy of a response that sets none: if a browser shows it as a document, it loads nothing, runs nothing and is
#: never framed. Only inline styles and data images are allowed, because an SVG chart contains them.
DEFAULT_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)


class SecurityHeaders:
    """Security headers for every response, and a content security policy where it sets none.

    Args:
        resource_policy: ``same-origin``, or ``cross-origin`` if pages of other sites may load responses.
    """

    def __init__(self, *, resource_policy: bytes) -> None:
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", resource_policy),
        ]
        self._headers_with_policy = [*self._headers, (CONTENT_SECURITY_POLICY, DEFAULT_POLICY)]

    def beside(self, headers: Headers) -> Headers:
        """Return the headers to add to a response with these."""
        has_policy = CONTENT_SECURITY_POLICY in [name for name, _ in headers]
        return self._headers if has_policy else self._headers_with_policy
