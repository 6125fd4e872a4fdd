"""Commands on answers for everybody."""

from uuid import UUID

from corong.routing import public_answers
from corong.routing.loading import Loader
from corong.runtime.policy import Actor
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.life_command import PublishAnswer, WithdrawAnswer


class PublicAnswers:
    """Handlers: load, decide, record. No key is needed: the words are nobody's, also after an erasure."""

    def __init__(self, service: Service, load: Loader) -> None:
        self._load = load
        service.command(PublishAnswer, self.publish)
        service.command(WithdrawAnswer, self.withdraw)

    def publish(self, unit: Unit, officer: Actor, asked: PublishAnswer, cause: UUID) -> dict[str, str]:
        """Command `case.publish_answer`: the answer tells the id by which the portal shows it."""
        case = self._load.case(unit, asked.case_id)
        drafts = public_answers.publish(
            case, officer, unit.now, asked.question, asked.answer, contacts_public=asked.contacts_public
        )
        unit.record(cause, drafts)
        return {"answer_id": str(public_answers.answer_id(case.case_id))}

    def withdraw(self, unit: Unit, officer: Actor, asked: WithdrawAnswer, cause: UUID) -> None:
        """Command `case.withdraw_answer`."""
        case = self._load.case(unit, asked.case_id)
        unit.record(cause, public_answers.withdraw(case, officer, unit.now, asked.because))
