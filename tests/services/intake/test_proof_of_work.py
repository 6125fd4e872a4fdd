"""The work that a browser does: it can be found by trying alone, and only for its own key."""

import hashlib

from corong.intake.proof_of_work import MOST, ProofOfWork

WORK = ProofOfWork(b"w" * 32)


def found(key: str, challenge: str) -> str:
    """As a browser finds it."""
    return next(
        str(number) for number in range(MOST) if hashlib.sha256(f"{key}{number}".encode()).hexdigest() == challenge
    )


def test_it_can_be_found_and_is_good_for_its_key_alone() -> None:
    number = found("satu", WORK.challenge("satu"))
    assert WORK.solved("satu", number)
    assert not WORK.solved("dua", number)
    assert not ProofOfWork(b"x" * 32).solved("satu", number)


def test_nothing_else_is_a_solution() -> None:
    number = found("satu", WORK.challenge("satu"))
    for other in ("", f"0{number}", f"{number} ", f"+{number}", str(int(number) + 1), "é"):
        assert not WORK.solved("satu", other)


def test_the_numbers_lie_everywhere_below_the_most() -> None:
    numbers = [WORK._number(str(key)) for key in range(400)]
    assert 0 <= min(numbers) < MOST // 20
    assert MOST - MOST // 20 < max(numbers) < MOST
