"""Have the roles the rights that the playbooks need which may change something? As ``| respondpreflight`` says."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import Curable, Unavailable
from ...settings.model import AwsAccount
from ...settings.reader import AWS_ACCOUNT
from ..line import Check, Line, amber, green, name, some
from ..reach import each
from ..surroundings import Surroundings

#: Accounts that are looked at; each is some hundred requests where all playbooks may change something.
MOST = 8
WHERE = "| respondpreflight shows all accounts and playbooks, | respondpolicy the policies."


def look(about: Surroundings) -> Iterable[Line]:
    from ...aws.accounts import Accounts, listing
    from ...aws.client import Aws
    from ...aws.organization import Organization
    from ...remediation import armed

    if not about.stanzas(AWS_ACCOUNT):
        # The check of the accounts says so.
        return []
    safety = about.config.safety
    if not any(armed.may_change(playbook, safety) for playbook in armed.named(())):
        return [green("None of the app's playbooks may change anything (Safety tab), so none needs a right to.")]
    accounts = Accounts(
        about.config, lambda entry: Organization(entry, Aws(listing(entry), about.http, attempts=1))
    )
    # AWS is asked about each account of an organization: about no more than it takes to see that there are more.
    found, failed = accounts.every(lambda entry: accounts.of(entry, MOST + 1))
    lines = [amber(f"AWS account entry {name(entry)}: {error.message}", error.hint) for entry, error in failed]
    ids = {account.account_id: account for account in found[:MOST]}
    lines += each(list(ids), lambda account_id: _test(about, ids[account_id]), "AWS account")
    if len(found) > MOST:
        lines.append(amber(f"Only {MOST} accounts were looked at, and there are more.", WHERE))
    return lines


def _test(about: Surroundings, account: AwsAccount) -> str:
    from ...aws.client import Aws
    from ...remediation import armed
    from ...remediation.preflight import MISSING, READY, preflight

    safety = about.config.safety
    playbooks = [one for one in armed.named(()) if armed.may_change(one, safety, account)]
    kept: dict[AwsAccount, Aws] = {}
    cells = preflight(account, playbooks, safety, lambda one: kept.setdefault(one, Aws(one, about.http, attempts=1)))
    lacking = [cell for cell in cells if cell.status == MISSING]
    count = sum(cell.status == READY for cell in cells)
    ready = f"{count} of {len(cells)} playbooks that may change something are ready"
    if lacking:
        missing = sorted({action for cell in lacking for action in cell.missing})
        why = f"missing: {some(missing, 8)}." if missing else lacking[0].note
        raise Curable(f"{ready}; {why}", WHERE)
    doubtful = next((cell for cell in cells if cell.status != READY), None)
    if doubtful is not None:
        raise Unavailable(f"{ready}, as far as is known. {doubtful.note}", WHERE)
    return f"{ready}."


CHECK = Check("AWS rights", 45, look)
