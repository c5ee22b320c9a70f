"""People of every role in the town of the browser tests: accounts with a second factor, and their sessions."""

from datetime import timedelta

import pyotp

from appeals.bus.database import Database
from appeals.bus.station import fresh_id, utc_now
from deploy.fleet import Fleet
from services.portal import roles
from services.portal.keeping import Doer, Keeping
from services.portal.passwords import Passwords
from services.portal.sessions import Lasting
from services.portal.signing_in import SigningIn
from services.portal.visitors import Cookies
from services.sealing import load_seal

PASSWORD = "Wuhuan-Xilu-7Hao"
HERE = "127.0.0.1"
CALLED = {
    roles.INTAKE_OFFICER: "李受理",
    roles.DISPATCHER: "王转办",
    roles.SUPERVISOR: "赵督办",
    roles.DEPARTMENT: "孙承办",
    roles.AUDITOR: "周审计",
    roles.SYSTEM_ADMINISTRATOR: "吴系统",
    roles.SECURITY_ADMINISTRATOR: "郑安全",
    roles.ENTERPRISE: "朝阳浪马轮胎",
}
STAFF_OF = "public-security"


class Cast:
    """Everybody who has an account. A session is begun once for each role, by the portal's own code."""

    def __init__(self, fleet: Fleet):
        self._database = Database(fleet.database_url, "portal")
        self._keeping = Keeping(self._database, Passwords(_at_once), utc_now, fresh_id)
        seal = load_seal(str(fleet.folder / "sealing.yml"), fleet.database_url)
        lasting = Lasting(idle=timedelta(minutes=30), at_most=timedelta(hours=12))
        self._signing_in = SigningIn(self._database, Passwords(_at_once), seal, lasting, utc_now)
        self._tokens: dict[str, str] = {}
        self._address = fleet.address

    def account(self, name: str, role: str, *, chosen: bool) -> None:
        """Make an account; its owner has `chosen` the password, or has to choose another."""
        self._keeping.create(
            Doer("make-up", HERE),
            name=name,
            called=CALLED[role],
            password=PASSWORD,
            roles=[role],
            department=STAFF_OF if role == roles.DEPARTMENT else "",
            chosen=chosen,
        )

    def claim(self, name: str) -> None:
        """Somebody registers for an enterprise, and waits to be verified."""
        facts = {"name": name, "called": "钱新科", "password": PASSWORD, "uscc": "91210200MAF859AT4U"}
        self._keeping.register(HERE, **facts)

    def cookie(self, role: str) -> dict:
        """The cookie of somebody of this role who is signed in."""
        if role not in self._tokens:
            self.account(role, role, chosen=True)
            seated = self._signing_in.sign_in(role, PASSWORD, HERE)
            if seated.step:
                secret, _ = self._signing_in.enrol(seated)
                seated = self._signing_in.seated(seated.token)
                seated, _ = self._signing_in.show_code(seated, pyotp.TOTP(secret).now(), HERE)
            self._tokens[role] = seated.token
        return {"name": Cookies(tls=False).name, "value": self._tokens[role], "url": self._address}

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _at_once(work, *arguments):
    return work(*arguments)
