"""A tour of the pages: which of them each role has, and appeals for them to show."""

from services.portal import roles
from tests.browser.people import Cast
from tests.browser.visitor import Visitor, hand_in

NOBODY = ""
NO_SUCH_PAGE = "/no-such-page"
OFFICERS_OWN = ("/account", "/account/password", "/figures")
PAGES = {
    NOBODY: (
        "/", "/appeals/new", "/confidential", "/follow", "/sign-in", "/register", "/developers",
        "/developers/events", "/appeals/{receipt}", NO_SUCH_PAGE,
    ),
    roles.INTAKE_OFFICER: (
        "/desk", "/desk?list=callback", "/desk/new", "/desk/import", "/desk/registrations", "/desk/appeals/{waiting}",
    ),
    roles.DISPATCHER: ("/desk", "/desk?list=work", "/desk/appeals/{held}"),
    roles.DEPARTMENT: ("/desk", "/desk?list=work", "/desk/appeals/{receipt}", "/figures"),
    roles.SUPERVISOR: ("/desk", "/desk?list=work", "/desk/search?q=路灯", "/desk/appeals/{receipt}", *OFFICERS_OWN),
    roles.AUDITOR: ("/audit", "/desk", "/accounts", "/operator/departments"),
    roles.SYSTEM_ADMINISTRATOR: ("/operator/departments", "/account"),
    roles.SECURITY_ADMINISTRATOR: ("/accounts", "/accounts/security-administrator"),
    roles.ENTERPRISE: ("/my", "/account"),
}  # fmt: skip


class Scenery:
    """Appeals at several steps of their way, by the names that the tour knows them by."""

    def __init__(self, visitor: Visitor, officer: Visitor, cast: Cast):
        cast.claim("xinke")  # so that there is an enterprise to verify
        self.receipts, self.codes = {}, {}
        for name, title, text in (
            ("waiting", "请协调园区道路限高", "园区东门限高杆影响大型设备运输，请协调调整。"),
            ("held", "厂门前的路灯不亮", "请协调恢复照明，夜班职工出行不便。"),
            ("receipt", "请给予安全管理专业培训", "希望开展防火、防汛培训，并指导隐患排查。"),
        ):
            self.receipts[name], self.codes[name] = hand_in(visitor, title=title, text=text)
        for name in ("held", "receipt"):
            officer.open(f"/desk/appeals/{self.receipts[name]}").see("等待受理").do("受理").see("已受理")

    def path(self, page: str) -> str:
        """A page of the tour, as an address."""
        return page.format(**self.receipts)

    def follow(self, visitor: Visitor) -> None:
        """Open the appeal `receipt` with its query code."""
        visitor.open("/follow").write(receipt=self.receipts["receipt"], query_code=self.codes["receipt"])
        with visitor.page.expect_navigation():
            visitor.page.locator('main button[type="submit"]').click()
