"""Where on the page a block stands."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Area:
    """A column of the page from a height downward: left edge, top, width, in points."""

    x: float
    y: float
    width: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def middle(self) -> float:
        """The middle between left and right."""
        return self.x + self.width / 2

    def at(self, y: float) -> "Area":
        """The same column, from another height on."""
        return replace(self, y=y)

    def edge(self, align: str) -> float:
        """Where text that keeps to a side is set: the left, the right or the middle."""
        return {"left": self.x, "right": self.right, "middle": self.middle}[align]
