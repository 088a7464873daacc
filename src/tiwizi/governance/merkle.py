"""The tree of RFC 6962: growing it, its root, and following a proof from a leaf up to a root.

A tree is held as its peaks: the roots of its complete subtrees, largest first. They are all that is needed to append
a leaf, to compute the root, and to prove the newest leaf, and there are at most log2(size) + 1 of them.
"""

from collections.abc import Sequence
from hashlib import sha256

from tiwizi.errors import Unverified

LEAF, NODE = b"\x00", b"\x01"  # RFC 6962 section 2.1: so that no node can pass for a leaf

Peaks = tuple[tuple[int, bytes], ...]  # (level, hash), levels falling; a peak of level n covers 2**n leaves


def leaf_hash(leaf: bytes) -> bytes:
    """Return the 32 bytes that stand for a leaf in the tree (RFC 6962 section 2.1)."""
    return sha256(LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32 bytes of the node above two others (RFC 6962 section 2.1)."""
    return sha256(NODE + left + right).digest()


def grow(peaks: Peaks, leaf: bytes) -> Peaks:
    """Return the peaks after one more leaf, given by its hash. Two peaks of a level become one of the next."""
    level = 0
    while peaks and peaks[-1][0] == level:
        leaf = node_hash(peaks[-1][1], leaf)
        peaks, level = peaks[:-1], level + 1
    return (*peaks, (level, leaf))


def size(peaks: Peaks) -> int:
    """Return how many leaves the tree has."""
    return sum(2**level for level, _ in peaks)


def root(peaks: Peaks) -> bytes:
    """Return the 32 bytes of the root; of an empty tree, the SHA-256 of nothing (RFC 6962 section 2.1)."""
    if not peaks:
        return sha256(b"").digest()
    above = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        above = node_hash(left, above)
    return above


def newest_path(before: Peaks) -> tuple[bytes, ...]:
    """Return the inclusion proof of the leaf appended to `before`, lowest first: its siblings are the old peaks."""
    return tuple(peak for _, peak in reversed(before))


def root_by_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to from the leaf with hash `leaf`, number `index` of a tree of `size` leaves.

    Raises Unverified when the proof has the wrong length for that place. RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise Unverified(f"The entry has number {index}, which is not in a tree of {size} entries.")
    node, last, above = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Unverified(f"The proof has {len(proof)} steps, more than entry {index} of {size} needs.")
        if node % 2 or node == last:
            above = node_hash(sibling, above)
            while not node % 2 and node:  # a node without right neighbour stands for itself on the levels above
                node, last = node >> 1, last >> 1
        else:
            above = node_hash(above, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Unverified(f"The proof has {len(proof)} steps, fewer than entry {index} of {size} needs.")
    return above
