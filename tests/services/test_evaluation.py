"""Evaluation on the bus in memory, with its real store."""

from datetime import timedelta
from threading import Thread

import pytest

from appeals.bus.asking import CommandRefused
from appeals.commands import RateAppeal
from appeals.events import AppealClosed
from services.evaluation.store import EvaluationStore

RECEIPT = "SQ-20261124-A1B2C3"


def closed(town, receipt=RECEIPT, number=1):
    return AppealClosed(
        receipt=receipt,
        at=town.clock(),
        lead="securities",
        departments=("securities", "sasac"),
        round=number,
        result="solved",
        summary="已开展上市辅导",
    )


def rate(town, rating="satisfied", solved="solved", comment=""):
    rated = RateAppeal(receipt=RECEIPT, at=town.clock(), by="applicant", rating=rating, solved=solved, comment=comment)
    return town.ask(rated)


def test_a_closed_appeal_is_evaluated_and_archived(town):
    town.host("evaluation")

    town.say("supervision", closed(town))
    rate(town, "very_satisfied", comment="提振了企业的信心")

    assert town.facts() == ["evaluation.requested", "appeal.evaluated to securities", "appeal.archived"]
    requested, evaluated, archived = (data for _, data in town.said())
    assert requested["until"] == (town.clock() + timedelta(days=15)).isoformat()
    assert (evaluated["rating"], evaluated["solved"]) == ("very_satisfied", "solved")
    assert (archived["outcome"], archived["departments"]) == ("evaluated", ["securities", "sasac"])


def test_a_dissatisfied_applicant_is_asked_again_after_each_round_and_twice_reopened(town):
    town.host("evaluation")

    for number in (1, 2, 3):
        town.say("supervision", closed(town, number=number))
        rate(town, "dissatisfied", "unsolved", comment="仍未解决")

    assert town.facts()[2::3] == ["appeal.reopened", "appeal.reopened", "review.requested"]
    ends = [data for _, data in town.said()[2::3]]
    assert [end["round"] for end in ends] == [2, 3, 3]
    assert ends[0]["reason"] == "申请人评价为不满意、未解决：仍未解决"


@pytest.mark.parametrize("rating", ["satisfied", "dissatisfied"])
def test_nobody_rates_twice_in_a_round(town, rating):
    town.host("evaluation")
    town.say("supervision", closed(town))
    rate(town, rating)

    with pytest.raises(CommandRefused) as refusal:
        rate(town, "very_satisfied")

    assert (refusal.value.told["code"], refusal.value.told["status"]) == ("rated-already", 409)
    assert len(town.facts()) == 3


def test_nobody_rates_what_was_not_closed(town):
    town.host("evaluation")

    with pytest.raises(CommandRefused) as refusal:
        rate(town)

    assert (refusal.value.told["code"], refusal.value.told["status"]) == ("not-closed-yet", 409)


def test_a_wrong_rating_is_told_with_its_field_and_may_be_corrected(town):
    town.host("evaluation")
    town.say("supervision", closed(town))

    with pytest.raises(CommandRefused) as refusal:
        rate(town, "five stars")
    rate(town)

    told = refusal.value.told
    assert (told["code"], told["status"], told["field"]) == ("unknown-rating", 422, "rating")
    assert town.facts()[-1] == "appeal.archived"


def test_no_answer_in_time_is_archived_once_and_never_as_a_good_one(town):
    evaluation = town.host("evaluation")
    town.say("supervision", closed(town))

    town.clock.advance(days=14, hours=23)
    evaluation.tick()
    assert town.facts() == ["evaluation.requested"]
    town.clock.advance(hours=1)
    evaluation.tick()
    evaluation.tick()

    assert town.facts() == ["evaluation.requested", "appeal.archived"]
    assert town.said()[-1][1]["outcome"] == "not evaluated"
    assert evaluation.rows("SELECT state, rating, solved FROM rounds") == [("unanswered", "", "")]
    with pytest.raises(CommandRefused, match="has passed"):
        rate(town)


def test_an_answered_round_does_not_lapse(town):
    evaluation = town.host("evaluation")
    town.say("supervision", closed(town))
    rate(town, "dissatisfied")

    town.clock.advance(days=30)
    evaluation.tick()

    assert town.facts()[-1] == "appeal.reopened"


def test_two_replicas_archive_what_nobody_rated_once(town):
    replicas = [town.host("evaluation"), town.host("evaluation")]
    town.say("supervision", *(closed(town, f"SQ-20261124-{number:06d}") for number in range(50)))
    town.clock.advance(days=15)

    ticks = [Thread(target=replica.tick) for replica in replicas]
    for tick in ticks:
        tick.start()
    for tick in ticks:
        tick.join()

    assert town.facts().count("appeal.archived") == 50
    replicas[0].database.close()


def test_what_is_found_comes_in_portions_oldest_first_and_waits_for_nobody(town):
    evaluation = town.host("evaluation")
    for number in range(3):
        town.say("supervision", closed(town, f"SQ-20261124-{number:06d}"))
        town.clock.advance(hours=1)
    town.clock.advance(days=15)

    with evaluation.database.transaction() as session:
        EvaluationStore(session).unanswered_of([f"SQ-20261124-{number:06d}" for number in range(3)], town.clock())
        with evaluation.database.reading() as other:
            found = EvaluationStore(other).unanswered_at(town.clock(), limit=2)

    assert [receipt[-1] for receipt in found] == ["0", "1"]
    evaluation.tick()
    assert town.facts().count("appeal.archived") == 3
