"""Links that sign a browser in, on the wire."""

from pydantic import Field

from api.wire.parts import Out


class LinkOut(Out):
    """Where a browser is to go on this service."""

    path: str = Field(examples=["/sign-in/h4T..."], description="Where nobody has to sign in: the web page itself.")
