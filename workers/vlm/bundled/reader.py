"""The reader: strips of one height cut from the page along its lines, and what they say, by CTC."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from workers.vlm.bundled.finder import Block, Down, Segment

FRAME = 2  # strip columns per output frame
MARGIN = 0.35  # of the height, cut on both sides of a segment
REACH = 5  # frames that a convolution along the line sees
COLUMNS_AT_ONCE = 24_000  # strip columns in one batch: bounds memory


class Conv1dBlock(nn.Module):
    """Two convolutions along the line with a short cut; they look at every `step`th frame."""

    def __init__(self, width: int, step: int = 1) -> None:
        super().__init__()
        away = (REACH // 2) * step
        self.one = nn.Conv1d(width, width, REACH, padding=away, dilation=step, bias=False)
        self.norm_one = nn.BatchNorm1d(width)
        self.two = nn.Conv1d(width, width, REACH, padding=away, dilation=step, bias=False)
        self.norm_two = nn.BatchNorm1d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Refine (B, width, 1, frames)."""
        y = F.relu(self.norm_one(along_line(self.one, x).squeeze(2))).unsqueeze(2)  # (B, width, 1, frames)
        return F.relu(x + self.norm_two(along_line(self.two, y).squeeze(2)).unsqueeze(2))  # (B, width, 1, frames)


def along_line(layer: nn.Conv1d, x: Tensor) -> Tensor:
    """What a convolution along the line makes of (B, width, 1, frames): done as one over pictures, which is quicker."""
    away, step = layer.padding[0], layer.dilation[0]
    return F.conv2d(x, layer.weight.unsqueeze(2), layer.bias, padding=(0, int(away)), dilation=(1, step))


class Reader(nn.Module):
    """Convolutions that fold a strip's height away, then look along it; character scores every two columns.

    `steps` are those of the blocks that see far along the line, some twenty characters with (2, 4, 8): what stands
    around a sign tells a letter O from a nought. Untrained, such a block changes nothing.
    """

    def __init__(self, widths: tuple[int, ...], height: int, characters: int, steps: tuple[int, ...] = ()) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.stem = Down(4, a, 1)
        self.first = Block(a)
        self.second = nn.Sequential(Down(a, b, 2), Block(b), Block(b))
        self.third = nn.Sequential(Down(b, c, (2, 1)), Block(c), Block(c))
        self.fold = nn.Conv2d(c, d, (height // 8, 3), padding=(0, 1), bias=False)
        self.fold_norm = nn.BatchNorm2d(d)
        self.along = nn.Sequential(Conv1dBlock(d), Conv1dBlock(d))
        far = [Conv1dBlock(d, step) for step in steps]
        for block in far:
            nn.init.zeros_(block.norm_two.weight)
        self.around = nn.Sequential(*far)
        self.spread = nn.Conv1d(d, 2 * e, 3, padding=1)
        self.fine = Conv1dBlock(e)
        self.head = nn.Conv1d(e, characters, 1)

    def forward(self, strips: Tensor) -> Tensor:
        """(B, 1, height, W) with W a multiple of 4 to log probabilities (B, W/2, characters); id 0 is the blank."""
        x = self.first(self.stem(F.pixel_unshuffle(strips, 2)))  # (B, a, height/2, W/2)
        x = self.third(self.second(x))  # (B, c, height/8, W/4)
        x = F.relu(self.fold_norm(self.fold(x)))  # (B, d, 1, W/4)
        x = F.relu(along_line(self.spread, self.around(self.along(x)))).squeeze(2)  # (B, 2e, W/4)
        x = x.unflatten(1, (-1, 2)).permute(0, 1, 3, 2).flatten(2)  # (B, e, W/2)
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)  # (B, e, 1, W/2)
        scores: Tensor = self.head(self.fine(x).squeeze(2)).float()  # (B, characters, W/2)
        return scores.log_softmax(1).mT  # (B, W/2, characters)


def strip_width(segment: Segment, height: int) -> int:
    """Columns of a segment's strip, margins included: a multiple of four, at least eight."""
    length = (segment.x1 - segment.x0) / segment.height + 2 * MARGIN
    return max(8, 4 * round(length * height / 4))


def cut(pyramid: Sequence[Tensor], segments: Sequence[Segment], height: int) -> Tensor:
    """Strips (n, 1, height, W) of segments of one page, W the widest's; ink normed so that text is 1 on 0.

    `pyramid` is the page's ink (1, 1, H, W) and its halvings: big type is cut from a smaller page, against aliasing.
    """
    widths = [strip_width(s, height) for s in segments]
    columns = max(widths)
    grids = torch.stack([_grid(s, height, columns) for s in segments])  # (n, height, columns, 2) in page pixels
    level = min(len(pyramid) - 1, max(0, int(min(s.height for s in segments) / height - 0.5)))
    page = pyramid[level]
    size = torch.tensor([page.shape[3], page.shape[2]], dtype=torch.float32) * 2**level
    grid = (grids / size * 2 - 1).view(1, -1, columns, 2)  # (1, n·height, columns, 2)
    strips = F.grid_sample(page, grid, mode="bilinear", padding_mode="border", align_corners=False)
    strips = strips.view(len(segments), 1, height, columns)
    inside = torch.arange(columns)[None] < torch.tensor(widths)[:, None]  # (n, columns)
    return norm_ink(strips, inside[:, None, None])


def _grid(segment: Segment, height: int, columns: int) -> Tensor:
    """Page coordinates (height, columns, 2) of a strip's pixels, along the segment's slope."""
    step = segment.height / height  # page pixels per strip pixel
    across = segment.x0 - MARGIN * segment.height + (torch.arange(columns) + 0.5) * step  # (columns,)
    slope = (segment.y1 - segment.y0) / max(segment.x1 - segment.x0, 1.0)
    middle = segment.y0 + slope * (across - segment.x0)  # (columns,)
    down = ((torch.arange(height) + 0.5) / height - 0.5) * segment.height  # (height,)
    return torch.stack(torch.broadcast_tensors(across[None], middle[None] + down[:, None]), -1)


def norm_ink(strips: Tensor, inside: Tensor) -> Tensor:
    """Take the ground away, turn white on black round, and stretch faint ink; outside the strip is ground."""
    flat = torch.where(inside, strips, torch.nan).flatten(1)  # (n, height·columns)
    ground = flat.nanmedian(1).values[:, None, None, None]
    away = torch.where(inside, strips - ground, 0.0)  # (n, 1, height, columns)
    high, low = away.flatten(1).amax(1), away.flatten(1).amin(1)
    sign = torch.where(high >= -low, 1.0, -1.0)[:, None, None, None]
    span = torch.maximum(high, -low).clamp_min(0.08)[:, None, None, None]
    return (away * sign / span).clamp(-0.5, 1.0)


def batches(segments: Sequence[Segment], height: int) -> list[list[int]]:
    """Indices of segments grouped by width and size of type, so that little of a batch is padding."""
    order = sorted(range(len(segments)), key=lambda i: strip_width(segments[i], height))
    groups: dict[int, list[list[int]]] = {}
    for index in order:
        level = min(2, max(0, int(segments[index].height / height - 0.5)))
        width = strip_width(segments[index], height)
        row = groups.setdefault(level, [[]])
        if row[-1] and (
            (len(row[-1]) + 1) * width > COLUMNS_AT_ONCE
            or width > 1.25 * strip_width(segments[row[-1][0]], height) + 16
        ):
            row.append([])
        row[-1].append(index)
    return [group for row in groups.values() for group in row if group]


def pyramid_of(ink: Tensor) -> list[Tensor]:
    """The page's ink (1, 1, H, W), halved, and halved again."""
    half = F.avg_pool2d(ink, 2, ceil_mode=True)
    return [ink, half, F.avg_pool2d(half, 2, ceil_mode=True)]
