"""A refusal that waits for the superior's word, opened."""

import json

from corong.routing.deciding import Proposal
from corong.runtime.rows import Row
from corong.runtime.sealing import Sealer
from corong_contracts.decision import Finding, Outcome


def proposal_of(row: Row, sealer: Sealer) -> Proposal:
    """A row of `state.proposal` as the rules know it. Raises `Erased`, `BadSeal`."""
    redactions = json.loads(sealer.open_text(str(row["redactions"]))) if row["redactions"] else ()
    return Proposal(
        outcome=Outcome(str(row["outcome"])),
        finding=Finding.model_validate_json(str(row["finding"])),
        officer=str(row["officer"]),
        text_hash=str(row["text_hash"]),
        redactions=tuple(redactions),
        weighing=sealer.open_text(str(row["weighing"])),
        text=sealer.open_text(str(row["text"])),
    )
