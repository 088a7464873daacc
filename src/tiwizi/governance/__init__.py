"""What is allowed, and what is proved: the policy in force, the ledger of answers and their receipts."""

from tiwizi.governance.ledger import Ledger, open_ledger
from tiwizi.governance.policy import Data, Decision, Policy, load_policy
from tiwizi.governance.receipts import Receipt, Record, encode_receipt, verify

__all__ = [
    "Data",
    "Decision",
    "Ledger",
    "Policy",
    "Receipt",
    "Record",
    "encode_receipt",
    "load_policy",
    "open_ledger",
    "verify",
]
