"""The chain and the Merkle tree over it: what makes the log tamper-evident.

    leaf  = SHA-256(0x00 ‖ row)                        RFC 6962, a leaf
    node  = SHA-256(0x01 ‖ left ‖ right)               RFC 6962, a node
    hash  = SHA-256(0x02 ‖ the hash before ‖ leaf)     the chain; before the first event 32 zero bytes

`row` is PostgreSQL's binary form of a record of HASHED, the position and every column of the event: the number of
fields, then for each its type's oid, its length (-1 for null) and its bytes, integers big-endian and signed: text as
UTF-8, dates as days and instants as microseconds since 2000-01-01 UTC. It is exact, has no two readings, and can be
made without PostgreSQL, as eventlog/verifier.py does. The tree over the first n events is the one of RFC 6962, section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

HASHED = (
    *("position", "seq", "id", "stream", "version", "type", "schema_version", "occurred_on", "at", "received_at"),
    *("recorded_at", "actor", "command_id", "signed", "data", "command", "writer", "xid", "roadmap"),
)
ROW = f"record_send(row({', '.join(HASHED)}))"
LEAF = f"sha256('\\x00' || {ROW})"
SIZE = 32
START = bytes(SIZE)
EMPTY_ROOT = sha256(b"").digest()


def leaf_of(row: bytes) -> bytes:
    """Return the leaf of an event's row."""
    return sha256(b"\x00" + row).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Return the node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def link_of(before: bytes, leaf: bytes) -> bytes:
    """Return the hash of an event in the chain, from the one before it."""
    return sha256(b"\x02" + before + leaf).digest()


def links_of(before: Iterable[bytes], leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of events in the chain, each from the one before it and its leaf."""
    return [sha256(b"\x02" + link + leaf).digest() for link, leaf in zip(before, leaves, strict=True)]


@dataclass
class Tree:
    """The Merkle tree over the first `size` events: the roots of its full subtrees, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, frontier: bytes) -> Tree:
        """Return the tree that a block has left."""
        return cls(size, [frontier[start : start + SIZE] for start in range(0, len(frontier), SIZE)])

    @property
    def frontier(self) -> bytes:
        """Return the subtrees' roots as a block keeps them."""
        return b"".join(self.peaks)

    def add(self, root: bytes, height: int = 0) -> None:
        """Put one more event to the right, or a full subtree over 2**height events, by its root.

        Subtrees come in at their own places only: the size is a multiple of theirs.
        """
        size, peaks = self.size >> height, self.peaks
        while size & 1:
            root = sha256(b"\x01" + peaks.pop() + root).digest()
            size >>= 1
        peaks.append(root)
        self.size += 1 << height

    def joined(self, size: int, peaks: Iterable[bytes]) -> Tree:
        """Return the tree with `size` more events to the right, given by the peaks of the tree over them alone.

        There must be a place for each: `size` is at most what the size before is a multiple of, a power of two.
        """
        tree = Tree(self.size, [*self.peaks])
        heights = (height for height in reversed(range(size.bit_length())) if size >> height & 1)
        for height, peak in zip(heights, peaks, strict=True):
            tree.add(peak, height)
        return tree

    def root(self) -> bytes:
        """Return the RFC 6962 root over all events."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_of(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def levels_of(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return the roots of all full subtrees over leaves, by height: the leaves themselves, then their pairs, and so on."""
    levels = [leaves]
    while len(below := levels[-1]) > 1:
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in zip(below[::2], below[1::2])])  # noqa: B905 - an odd one has no pair yet
    return levels


def peaks_of(levels: Sequence[Sequence[bytes]], size: int) -> list[bytes]:
    """Return the roots of the full subtrees over the first `size` leaves, the largest first, as Tree keeps them."""
    heights = reversed(range(len(levels)))
    return [levels[height][(size >> height) - 1] for height in heights if size >> height & 1]


def inclusion(leaves: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """Return RFC 6962's audit path of the leaf `index`, from 0, in the tree over the first `size` leaves.

    Memory does not grow with the log: of every subtree only the root is kept. ValueError where the leaves end early.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    path: list[bytes] = []
    peaks: list[tuple[int, int, bytes]] = []  # first leaf, first leaf behind it, root

    def join() -> None:
        right, left = peaks.pop(), peaks.pop()
        if left[0] <= index < right[1]:
            path.append(left[2] if index >= right[0] else right[2])
        peaks.append((left[0], right[1], node_of(left[2], right[2])))

    count = 0
    for count, leaf in enumerate(islice(leaves, size), start=1):
        peaks.append((count - 1, count, leaf))
        while len(peaks) > 1 and peaks[-1][1] - peaks[-1][0] == peaks[-2][1] - peaks[-2][0]:
            join()
    if count < size:
        raise ValueError(f"the log ends at {count}, before {size}")
    while len(peaks) > 1:
        join()
    return path


def root_from(path: Sequence[bytes], leaf: bytes, index: int, size: int) -> bytes | None:
    """Return the root that an audit path leads to (RFC 9162, section 2.1.3.2); null where it is not of this tree."""
    place, last = index, size - 1
    if not 0 <= index < size:
        return None
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            leaf = node_of(sibling, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node_of(leaf, sibling)
        place, last = place >> 1, last >> 1
    return leaf if last == 0 else None
