"""Reads a QR code as a phone does, except that it mends nothing: what is printed must be right."""

from collections.abc import Callable, Iterator, Sequence

from segno import consts

_MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, _: i % 2 == 0,
    lambda _, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
)
_LEVELS = {
    0b01: consts.ERROR_LEVEL_L,
    0b00: consts.ERROR_LEVEL_M,
    0b11: consts.ERROR_LEVEL_Q,
    0b10: consts.ERROR_LEVEL_H,
}


def read_qr(rows: Sequence[str]) -> str:
    """The text of a code of byte mode, version 1 to 9."""
    size = len(rows)
    version = (size - 17) // 4
    assert 1 <= version <= 9
    told = [(8, j) for j in (0, 1, 2, 3, 4, 5, 7, 8)] + [(i, 8) for i in (7, 5, 4, 3, 2, 1, 0)]
    form = int("".join(rows[i][j] for i, j in told), 2) ^ 0x5412
    mask = _MASKS[form >> 10 & 0b111]
    bits = "".join(str(int(rows[i][j]) ^ mask(i, j)) for i, j in _zigzag(size, version))
    codewords = [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]
    data = _in_order(codewords, [(one.num_blocks, one.num_data) for one in consts.ECC[version][_LEVELS[form >> 13]]])
    stream = "".join(f"{one:08b}" for one in data)
    assert stream[:4] == "0100", "byte mode"
    length = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * n : 20 + 8 * n], 2) for n in range(length)).decode()


def _zigzag(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Where data stands, in its order: two columns at a time from the right, up, then down."""
    upward = True
    for right in (j for j in range(size - 1, 0, -2)):
        column = right if right > 6 else right - 1  # the sixth keeps time
        for i in range(size - 1, -1, -1) if upward else range(size):
            for j in (column, column - 1):
                if not _is_fixed(i, j, size, version):
                    yield i, j
        upward = not upward


def _is_fixed(i: int, j: int, size: int, version: int) -> bool:
    if i == 6 or j == 6 or (i < 9 and (j < 9 or j >= size - 8)) or (i >= size - 8 and j < 9):
        return True
    if version >= 7 and ((i < 6 and j >= size - 11) or (j < 6 and i >= size - 11)):
        return True
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    return any(
        abs(i - y) <= 2 and abs(j - x) <= 2 for y in centres for x in centres if (y, x) not in corners
    )  # fmt: skip


def _in_order(codewords: list[int], groups: list[tuple[int, int]]) -> list[int]:
    """Blocks are woven into each other; here they stand one after the other again."""
    lengths = [length for count, length in groups for _ in range(count)]
    blocks: list[list[int]] = [[] for _ in lengths]
    taken = iter(codewords)
    for place in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if place < length:
                block.append(next(taken))
    return [one for block in blocks for one in block]
