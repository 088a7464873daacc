"""The tree is that of RFC 6962, at every size."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiwizi.errors import Unverified
from tiwizi.governance import merkle

# The tree that the reference implementations of Certificate Transparency test with: leaves, and the root at each size.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = half(len(leaves))
    return sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def plain_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    k = half(len(leaves))
    if index < k:
        return [*plain_path(index, leaves[:k]), plain_root(leaves[k:])]
    return [*plain_path(index - k, leaves[k:]), plain_root(leaves[:k])]


def half(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def grown(leaves: list[bytes]) -> merkle.Peaks:
    peaks: merkle.Peaks = ()
    for leaf in leaves:
        peaks = merkle.grow(peaks, merkle.leaf_hash(leaf))
    return peaks


def numbered(size: int) -> list[bytes]:
    return [number.to_bytes(2) for number in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert merkle.root(grown([bytes.fromhex(leaf) for leaf in LEAVES[:size]])).hex() == ROOTS[size]


@pytest.mark.parametrize("size", range(101))
def test_every_leaf_of_every_size_is_proved_by_the_path_of_the_standard(size: int) -> None:
    leaves = numbered(size)
    peaks = grown(leaves)
    assert merkle.size(peaks) == size
    assert merkle.root(peaks) == plain_root(leaves)
    for index, leaf in enumerate(leaves):
        path = plain_path(index, leaves)
        assert merkle.root_by_proof(merkle.leaf_hash(leaf), index, size, path) == merkle.root(peaks)


@pytest.mark.parametrize("size", range(1, 101))
def test_the_newest_leaf_is_proved_by_the_peaks_before_it(size: int) -> None:
    leaves = numbered(size)
    assert list(merkle.newest_path(grown(leaves[:-1]))) == plain_path(size - 1, leaves)


@given(st.data(), st.integers(1, 300))
def test_no_other_place_leaf_or_length_has_that_proof(data: st.DataObject, size: int) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = plain_path(index, leaves), plain_root(leaves)
    other = data.draw(st.integers(-2, size + 2))
    changed = data.draw(st.sampled_from([path[:-1], path[1:], [*path, bytes(32)], [bytes(32), *path], path[::-1]]))
    assert not leads(leaves[index], other, size, path, root) or other == index
    assert not leads(b"another", index, size, path, root)
    assert not leads(leaves[index], index, size, changed, root) or changed == path


def leads(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    try:
        return merkle.root_by_proof(merkle.leaf_hash(leaf), index, size, path) == root
    except Unverified:
        return False
