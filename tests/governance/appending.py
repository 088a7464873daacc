"""A process that appends to the ledger in a folder and prints each receipt, in hex, once it is acknowledged.

python appending.py HOME TASKS COUNT
"""

import asyncio
import sys
from pathlib import Path

from on_record import append, with_ledger

from tiwizi.governance import Ledger, encode_receipt


async def work(ledger: Ledger, tasks: int, count: int) -> None:
    async def one() -> None:
        for _ in range(count):
            print(encode_receipt(await append(ledger)).hex(), flush=True)

    await asyncio.gather(*(one() for _ in range(tasks)))


if __name__ == "__main__":
    tasks, count = int(sys.argv[2]), int(sys.argv[3])
    asyncio.run(with_ledger(Path(sys.argv[1]), lambda ledger: work(ledger, tasks, count)))
