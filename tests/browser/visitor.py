"""A visitor of the pages: somebody with a window of their own, which writes down whatever must not happen in it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

from appeals.testing import wait_until

PATIENCE = 15_000  # milliseconds for a page, or for something to appear on it
FORM = {
    "applicant__name": "辽阳钢铁有限公司",
    "applicant__uscc": "91210100MAFTJMHP7E",
    "title": "请给予安全管理专业培训与隐患排查指导",
    "text": "希望为安全管理人员和一线工人开展防寒、防滑、防火培训，并指导隐患排查。",
    "contact__name": "王经理",
    "contact__phone": "13800000000",
}
NOTE_VIOLATIONS = """
    document.addEventListener('securitypolicyviolation', event =>
        console.error(`security policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


class Visitor:
    """One window. Nothing is asked of another host, no script fails or is stopped, and nothing pops up."""

    def __init__(self, browser: Browser, address: str, cookies: Sequence[dict] = (), **options):
        self.address = address
        self.wrong: list[str] = []
        self.status = 0
        self._context = browser.new_context(base_url=address, locale="zh-CN", **options)
        self._context.set_default_timeout(PATIENCE)
        self._context.add_cookies(cookies)
        self._context.add_init_script(NOTE_VIOLATIONS)
        self._context.on("request", self._asked)
        self._context.on("console", self._said)
        self._context.on("weberror", lambda told: self.wrong.append(f"script: {told.error}"))
        self._context.on("dialog", self._popped_up)
        self.page: Page = self._context.new_page()

    def open(self, path: str) -> "Visitor":
        """Go to a page of the portal."""
        self.status = self.page.goto(path).status
        return self

    def see(self, *texts: str) -> "Visitor":
        """Wait until the page, asked for anew now and then, shows all of these."""

        def there() -> bool:
            found = self.page.locator("main").inner_text()
            if all(text in found for text in texts):
                return True
            self.page.goto(self.page.url)
            return False

        wait_until(there, every=0.2)
        return self

    def write(self, **fields: str) -> "Visitor":
        """Fill in fields by their names, with `__` for a dot."""
        for name, text in fields.items():
            self.page.locator(f'main [name="{name.replace("__", ".")}"]:visible').fill(text)
        return self

    def press(self, button: str) -> "Visitor":
        """Press a button of the page's main part by its words."""
        self.page.locator("main").get_by_role("button", name=button, exact=True).click()
        return self

    def do(self, action: str, *, choose: dict[str, str] | None = None, **fields: str) -> "Visitor":
        """Open a form by its heading, fill it in and send it."""
        form = self.page.locator("details.action").filter(has=self.page.locator(f'summary:text-is("{action}")')).first
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        for name, text in fields.items():
            form.locator(f'[name="{name}"]').fill(text)
        for name, code in (choose or {}).items():
            self._choose(form, name, code)
        with self.page.expect_navigation():
            form.locator('button[type="submit"]').click()
        return self

    def choose(self, **fields: str) -> "Visitor":
        """Choose from lists and between answers, by code."""
        for name, code in fields.items():
            self._choose(self.page.locator("main"), name.replace("__", "."), code)
        return self

    def text(self) -> str:
        """The words of the page's main part."""
        return self.page.locator("main").inner_text()

    def send(self, path: str, form: dict[str, str]) -> str:
        """Send a form without looking at its page, as one of our pages would; returns where it leads.

        The token comes from the page that is open.
        """
        token = self.page.locator('input[name="csrf_token"]')
        written = form | ({"csrf_token": token.first.input_value()} if token.count() else {})
        answer = self._context.request.post(path, form=written, max_redirects=0)
        assert answer.status == 303, (answer.status, answer.text())
        return answer.headers["location"]

    def unfold(self) -> "Visitor":
        """Open everything that may be opened on the page, so that it is looked at too."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        return self

    def leave(self) -> list[str]:
        """Close the window; returns what went wrong in it."""
        self._context.close()
        return self.wrong

    @staticmethod
    def _choose(place, name: str, code: str) -> None:
        select = place.locator(f'select[name="{name}"]')
        if select.count():
            select.select_option(code)
        else:
            place.locator(f'input[name="{name}"][value="{code}"]').check()

    def _asked(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme != "data" and f"{where.scheme}://{where.netloc}" != self.address:
            self.wrong.append(f"asks elsewhere: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        refused = "Failed to load resource" in message.text  # a form that was not taken is answered 4xx
        if message.type == "error" and not refused:
            self.wrong.append(f"console: {message.text}")

    def _popped_up(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def hand_in(visitor: Visitor, **changes: str) -> tuple[str, str]:
    """Hand an appeal in on its one page; returns its receipt and query code."""
    visitor.open("/appeals/new").write(**FORM | changes).press("提交")
    saved = visitor.page.locator(".saved code")
    return saved.nth(0).inner_text(), saved.nth(1).inner_text()
