"""Actions: what can be done to an appeal over HTTP, and the command that each becomes."""

from __future__ import annotations

from dataclasses import dataclass

from appeals import commands
from appeals.commands import Command
from services.portal import schemas
from services.portal.rights import ALLOWED, APPLICANT, DEPARTMENT


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing to be done: `right` is what `rights` calls it, `path` what follows the receipt in the URL."""

    right: str
    path: str
    command: type[Command]
    schema: type[schemas.Request]

    @property
    def is_applicants(self) -> bool:
        """Whether the applicant does it, with the query code."""
        return APPLICANT in ALLOWED[self.right]

    @property
    def is_departments(self) -> bool:
        """Whether people of a department do it, to an order of their own."""
        return DEPARTMENT in ALLOWED[self.right]

    @property
    def about_order(self) -> bool:
        """Whether it concerns one work order."""
        return "<order>" in self.path


ACTIONS = (
    Action(
        right="accept",
        path="/acceptance",
        command=commands.AcceptAppeal,
        schema=schemas.Acceptance,
    ),
    Action(
        right="reject",
        path="/rejection",
        command=commands.RejectAppeal,
        schema=schemas.Rejection,
    ),
    Action(
        right="merge",
        path="/merge",
        command=commands.MergeAppeal,
        schema=schemas.Merge,
    ),
    Action(
        right="unmerge",
        path="/unmerge",
        command=commands.UnmergeAppeal,
        schema=schemas.Unmerge,
    ),
    Action(
        right="link",
        path="/link",
        command=commands.LinkAppeal,
        schema=schemas.Link,
    ),
    Action(
        right="refer",
        path="/referral",
        command=commands.ReferAppeal,
        schema=schemas.Referral,
    ),
    Action(
        right="ask-supplement",
        path="/supplement-request",
        command=commands.AskSupplement,
        schema=schemas.SupplementRequest,
    ),
    Action(
        right="provide-supplement",
        path="/supplement",
        command=commands.ProvideSupplement,
        schema=schemas.Supplement,
    ),
    Action(
        right="dispatch",
        path="/dispatch",
        command=commands.DispatchAppeal,
        schema=schemas.Dispatch,
    ),
    Action(
        right="designate",
        path="/designation",
        command=commands.Designate,
        schema=schemas.Designation,
    ),
    Action(
        right="correct-accused",
        path="/accused-correction",
        command=commands.CorrectAccused,
        schema=schemas.AccusedCorrection,
    ),
    Action(
        right="decide-return",
        path="/orders/<order>/return-decision",
        command=commands.DecideReturn,
        schema=schemas.ReturnDecision,
    ),
    Action(
        right="sign",
        path="/orders/<order>/signature",
        command=commands.SignOrder,
        schema=schemas.Signature,
    ),
    Action(
        right="record-contact",
        path="/orders/<order>/contact",
        command=commands.RecordContact,
        schema=schemas.ContactRecord,
    ),
    Action(
        right="report-progress",
        path="/orders/<order>/progress",
        command=commands.ReportProgress,
        schema=schemas.Progress,
    ),
    Action(
        right="report-milestone",
        path="/orders/<order>/milestone",
        command=commands.ReportMilestone,
        schema=schemas.Milestone,
    ),
    Action(
        right="request-extension",
        path="/orders/<order>/extension-request",
        command=commands.RequestExtension,
        schema=schemas.ExtensionRequest,
    ),
    Action(
        right="submit-feedback",
        path="/orders/<order>/feedback",
        command=commands.SubmitFeedback,
        schema=schemas.Feedback,
    ),
    Action(
        right="return",
        path="/orders/<order>/return",
        command=commands.ReturnOrder,
        schema=schemas.Return,
    ),
    Action(
        right="approve-feedback",
        path="/orders/<order>/approval",
        command=commands.ApproveFeedback,
        schema=schemas.Approval,
    ),
    Action(
        right="refuse-feedback",
        path="/orders/<order>/refusal",
        command=commands.RefuseFeedback,
        schema=schemas.Refusal,
    ),
    Action(
        right="decide-extension",
        path="/orders/<order>/extension-decision",
        command=commands.DecideExtension,
        schema=schemas.ExtensionDecision,
    ),
    Action(
        right="suspend",
        path="/orders/<order>/suspension",
        command=commands.SuspendOrder,
        schema=schemas.SuspensionRequest,
    ),
    Action(
        right="resume",
        path="/orders/<order>/resumption",
        command=commands.ResumeOrder,
        schema=schemas.Resumption,
    ),
    Action(
        right="issue-supervision",
        path="/orders/<order>/supervision",
        command=commands.IssueSupervision,
        schema=schemas.Supervision,
    ),
    Action(
        right="lower-supervision",
        path="/orders/<order>/supervision-lowering",
        command=commands.LowerSupervision,
        schema=schemas.SupervisionLowering,
    ),
    Action(
        right="urge",
        path="/urge",
        command=commands.UrgeAppeal,
        schema=schemas.Urge,
    ),
    Action(
        right="withdraw",
        path="/withdrawal",
        command=commands.WithdrawAppeal,
        schema=schemas.Withdrawal,
    ),
    Action(
        right="rate",
        path="/rating",
        command=commands.RateAppeal,
        schema=schemas.Rating,
    ),
    Action(
        right="record-callback",
        path="/callback",
        command=commands.RecordCallback,
        schema=schemas.CallbackRecord,
    ),
    Action(
        right="decide-review",
        path="/review-decision",
        command=commands.DecideReview,
        schema=schemas.ReviewDecision,
    ),
    Action(
        right="request-unreasonable",
        path="/unreasonable",
        command=commands.RequestUnreasonable,
        schema=schemas.UnreasonableRequest,
    ),
    Action(
        right="review-unreasonable",
        path="/unreasonable/legal-review",
        command=commands.ReviewUnreasonable,
        schema=schemas.LegalReview,
    ),
    Action(
        right="decide-unreasonable",
        path="/unreasonable/decision",
        command=commands.DecideUnreasonable,
        schema=schemas.UnreasonableDecision,
    ),
)
