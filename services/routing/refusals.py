"""What routing refuses, each with a reason that an officer can read."""

from __future__ import annotations

from appeals.errors import NotFound, Refused


class NoSuchOrder(NotFound):
    """Raised when a department speaks of an order that is not its own, or that there is not.

    Both sound the same, so that nobody learns of an appeal by guessing.
    """

    zh = "未找到本单位的转办单 {order}"
    en = "There is no work order {order} of yours"


class WrongStep(Refused):
    """Raised when an order has not come to this step, or is past it."""

    zh = "转办单 {order} 当前状态为“{state}”，不能执行该操作"
    en = "Work order {order} is {state}; this step is not open"


class WithdrawnByApplicant(Refused):
    """Raised when something is said of an order, or done to an appeal, that the applicant has withdrawn."""

    zh = "申请人已撤回诉求 {receipt}，不再办理"
    en = "The applicant has withdrawn appeal {receipt}; nothing is left to do"


class OutOfBounds(Refused):
    """Raised when a department says more, or something else, than the others could keep."""

    status = 422
    zh = "{name} 超出允许范围（{bounds}）"
    en = "{name} is out of bounds ({bounds})"


# Dispatching by hand


class CannotBeTold(Refused):
    """Raised when an appeal would go to a department whose manifest does not let it be told of it."""

    status = 422
    zh = "单位 {department} 的接入清单不含该类别或密级的诉求，不能转办"
    en = "The manifest of {department} does not admit an appeal of this category and classification"


class NotHeld(Refused):
    """Raised when somebody sends out an appeal that is not waiting for one."""

    zh = "该诉求不在待人工转办状态"
    en = "This appeal is not held for a dispatcher"


class NoSuchDepartment(Refused):
    """Raised when somebody names a department that is not plugged in."""

    status = 422
    zh = "没有代码为 {department} 的单位"
    en = "There is no department {department}"


class Accused(Refused):
    """Raised when the appeal is about the department it would go to, or about one that this is below."""

    zh = "被反映单位及其下属单位应当回避，{department} 不得主办或协办"
    en = "The appeal is about {department} or a unit above it; it may neither lead nor assist"


class AccusedUnclear(Refused):
    """Raised when an appeal would be sent out, or its accused be put right, and nobody knows who stands aside."""

    field = "accused"
    zh = "被反映单位“{accused}”无法识别，应当先核实被反映单位，再行转办"
    en = "It is not clear which unit {accused} is; settle whom the appeal is about before it is dispatched"


class ReturnedIt(Refused):
    """Raised when a dispatcher sends an appeal back to a lead whose return of it was accepted."""

    status = 422
    field = "lead"
    zh = "{department} 对该诉求的退单已获同意，除联席会议指定外不得再由其主办"
    en = "{department} has returned this appeal and need not lead it again, unless the joint conference designates it"


class DesignationNeeded(Refused):
    """Raised when a dispatcher sends out an appeal that only the joint conference may still designate."""

    zh = "该诉求已被退回 {returns} 次，应当由联席会议指定承办单位"
    en = "This appeal was returned {returns} times; the joint conference designates who handles it"


# Returning an order, 退单


class NoReasonGiven(Refused):
    """Raised when a department returns an order and does not say why."""

    status = 422
    field = "reason"
    zh = "退单应当说明理由"
    en = "A return has to give its reason"


class ReturnedTooLate(Refused):
    """Raised when a department returns an order after its time to do so."""

    zh = "转办单 {order} 的退单期限为 {due}，现已超过，应当继续办理"
    en = "Work order {order} could be returned until {due}; it stays with you"


class ReturnedBefore(Refused):
    """Raised when a department returns an appeal that it has returned before, whatever came of it."""

    zh = "本单位对该诉求已提出过退单，每件诉求限退一次"
    en = "You have returned this appeal before; each unit may do so once"


class ReturnsUsedUp(Refused):
    """Raised when a lead returns an appeal that has been returned as often as it may be."""

    zh = "该诉求已被退回 {returns} 次，不得再退"
    en = "This appeal was returned {returns} times and may not be returned again"


class DesignatedForGood(Refused):
    """Raised when a department returns an order to which the joint conference has designated it."""

    zh = "承办单位由联席会议指定，不得退单"
    en = "The joint conference designated this unit; the order may not be returned"


class NoReturnAsked(Refused):
    """Raised when a dispatcher decides on a return that nobody waits for."""

    zh = "转办单 {order} 没有待决定的退单申请"
    en = "No return of work order {order} waits for a decision"
