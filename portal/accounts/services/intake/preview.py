"""A dry run: what a sheet of people would do, row by row, before anything is written (rules 10, Sheets in)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from portal.accounts import rules
from portal.accounts.models import Person, PersonRole, Proposal
from portal.accounts.services.intake.columns import columns
from portal.accounts.services.intake.places import names, resolve
from portal.accounts.services.intake.plan import Entry, Post, Preview
from portal.accounts.terms import IMPORT_MOST, MARK, ROLES, PersonState, ProposalState
from portal.areas.queries import Place, Tree
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.fields.masks import masked_telephone
from portal.ground.fields.pinyin import search_keys
from portal.ground.sealed import looked_at
from portal.ground.sheets import dry
from portal.ground.sheets.check import Fault, RowResult
from portal.ground.sheets.columns import Matching
from portal.ground.sheets.dry import Answers, Opened, fault_at
from portal.ground.sheets.masked import Masked

HEADINGS = {spec.key: spec.heading for spec in columns()}


def preview(data: bytes, name: str, answers: Answers, *, actor: Actor, tree: Tree, today: date) -> Preview:
    """Read the sheet and say what it would do. `Misfit` when it cannot be read as a sheet of people."""
    return weigh(open_sheet(data, name, answers), actor=actor, tree=tree, today=today)


def open_sheet(data: bytes, name: str, answers: Answers) -> Opened[Preview]:
    """Read the sheet, cell by cell; slow, and asks no database."""
    return dry.open_sheet(Preview(answers), data, name, columns(), most=IMPORT_MOST)


def weigh(opened: Opened[Preview], *, actor: Actor, tree: Tree, today: date) -> Preview:
    """Say what an opened sheet would do."""
    if not opened.found.problems:
        _Reader(opened.found, opened.matching, actor, tree, today).take(opened.results)
    return opened.found


class _Reader:
    """Turns checked rows into entries: who they are of, which posts they ask for, what stands against it."""

    def __init__(self, found: Preview, matching: Matching, actor: Actor, tree: Tree, today: date):
        self.found, self.matching, self.actor, self.tree, self.today = found, matching, actor, tree, today
        self.first: dict[str, Entry] = {}
        self.posts: dict[tuple[str, str, int], int] = {}

    def take(self, results: Sequence[RowResult]) -> None:
        self.known = _Known(results, self.today)
        for result in results:
            faults = list(result.faults)
            entry = self._entry(dict(result.values), result.number, faults)
            if faults or entry is None:
                self.found.blame(result.number, faults)
                continue
            self.found.entries.append(entry)
            self.first.setdefault(entry.login, entry)

    def _fault(self, row: int, key: str, shown: object, why: str, cure: str | None = None) -> Fault:
        return fault_at(self.matching, row, key, shown, why, cure, heading=HEADINGS[key])

    def _entry(self, values: dict[str, Any], row: int, faults: list[Fault]) -> Entry | None:
        name, login = values.get("name"), values.get("login")
        if name and not login and not any(fault.key == "login" for fault in faults):
            faults.append(self._without_login(row, name))
        if not (name and login):
            return None
        person = self.known.people.get(login)
        entry = Entry(row, name, login, None, person, first=login not in self.first)
        self._who(entry, faults)
        self._phone(entry, values.get("phone"), faults)
        self._post(entry, values, faults)
        if entry.kind == "new" and (same := self.known.namesakes(name, but=login)):
            entry.remark = f"和 {'、'.join(same)} 同名"
        return entry

    def _without_login(self, row: int, name: str) -> Fault:
        """No account: the one namesake's, or a free one made of the name's pinyin."""
        same = self.known.namesakes(name)
        if len(same) == 1:
            return self._fault(row, "login", None, f"没填账号。名册里有一位{name}，是同一个人就填 {same[0]}", same[0])
        cure = self.known.free(name, set(self.first))
        return self._fault(row, "login", None, "没填账号，一般用姓名的拼音", cure)

    def _who(self, entry: Entry, faults: list[Fault]) -> None:
        """Rows of one account are of one person; a name is not changed by a sheet."""
        earlier = self.first.get(entry.login)
        if earlier is not None and earlier.name != entry.name:
            why = f"与第 {earlier.row} 行账号相同、姓名不同（{earlier.name}）"
            faults.append(self._fault(entry.row, "login", entry.login, why, self.known.free(entry.name, {*self.first})))
        if entry.person is None:
            return
        if entry.person.name != entry.name:
            why = f"账号 {entry.login} 已经是{entry.person.name}的；是另一个人就换个账号，是改名就到此人的档案里改"
            cure = self.known.free(entry.name, set(self.first))
            faults.append(self._fault(entry.row, "login", entry.login, why, cure))

    def _phone(self, entry: Entry, phone: Any, faults: list[Fault]) -> None:
        kept = looked_at(entry.person, "phone") if entry.person else None
        if isinstance(phone, Masked):
            if not kept or masked_telephone(kept) != phone.text:
                why = "这是打码的内容，与档案对不上，请填完整"
                faults.append(self._fault(entry.row, "phone", phone.text, why))
            phone = None
        earlier = self.first.get(entry.login)
        if earlier is not None:
            if phone and phone != (earlier.phone or kept):
                why = f"与第 {earlier.row} 行账号相同、手机不同"
                faults.append(self._fault(entry.row, "phone", masked_telephone(phone), why))
            return
        entry.phone = phone
        if entry.person and phone and phone != kept:
            entry.changed = ["手机"]

    def _post(self, entry: Entry, values: dict[str, Any], faults: list[Fault]) -> None:
        role, area = values.get("role"), values.get("area")
        if any(fault.key in ("role", "area", "from_on") for fault in faults):
            return
        if bool(role) != bool(area):
            key, why = ("area", "填了角色，请填区域") if role else ("role", "填了区域，请填角色")
            faults.append(self._fault(entry.row, key, None, why))
        left = entry.person is not None and entry.person.state is PersonState.LEFT
        if left and (role or entry.changed):
            faults.append(self._fault(entry.row, "login", entry.login, "此人已离岗，请先在档案里恢复账号"))
        if not (role and area) or left:
            return
        try:
            place = resolve(area, self.tree)
        except ValueError as error:
            cure = getattr(error, "cure", None)
            faults.append(self._fault(entry.row, "area", area, str(error), cure))
            return
        self._ask(entry, role, place, values.get("from_on") or self.today, faults)

    def _ask(self, entry: Entry, role: str, place: Place, from_on: date, faults: list[Fault]) -> None:
        """Ask for a post that can be given and that nobody has asked for yet."""
        whole, first = names(place, self.tree)[0], self.posts.get((entry.login, role, place.id))
        if first is not None:
            why = f"与第 {first} 行重复（{entry.login}，{whole} · {ROLES[role].label}），可跳过此行"
            faults.append(self._fault(entry.row, "role", ROLES[role].label, why))
            return
        number = entry.person.id if entry.person else 0
        if remark := self.known.standing(number, role, place.id):
            entry.remark = f"{whole} · {ROLES[role].label}{remark}"
            self.posts[entry.login, role, place.id] = entry.row
            return
        if entry.person is not None and self.actor.kind == "person" and self.actor.id == entry.person.id:
            faults.append(self._fault(entry.row, "role", ROLES[role].label, "不能给自己提请角色，请跳过此行"))
            return
        others = [one for login, one, _area in self.posts if login == entry.login]
        held = [*self.known.held.get(number, ()), *others]
        if refusal := rules.role_refusal(role, level=place.kind.value, held=held):
            key = "area" if place.kind.value not in ROLES[role].levels else "role"
            shown = whole if key == "area" else ROLES[role].label
            faults.append(self._fault(entry.row, key, shown, refusal.rstrip("。")))
            return
        self.posts[entry.login, role, place.id] = entry.row
        self.found.late_days += from_on < self.today
        entry.post = Post(role, place.id, whole, max(from_on, self.today))


class _Known:
    """The people whom the rows may be of, with what they hold and what is asked for them: a few queries."""

    def __init__(self, results: Sequence[RowResult], today: date):
        logins = {result.values.get("login") for result in results} - {None}
        called = {result.values.get("name") for result in results} - {None}
        self.people: dict[str, Person] = {}
        self.by_name: dict[str, list[str]] = {}
        for part in _parts(sorted(logins)):
            self.people.update(
                {one.login: one for one in db.session.scalars(select(Person).where(Person.login.in_(part)))}
            )
        for part in _parts(sorted(called)):
            namesakes = select(Person.name, Person.login).where(Person.name.in_(part), Person.state != PersonState.LEFT)
            for name, login in db.session.execute(namesakes.order_by(Person.login)):
                self.by_name.setdefault(name, []).append(login)
        self.taken = {login for (login,) in db.session.execute(select(Person.login))}
        self.held: dict[int, list[str]] = {}
        self.posts: dict[tuple[int, str, int], str] = {}
        for part in _parts(sorted(one.id for one in self.people.values())):
            self._read(part, today)

    def _read(self, part: Sequence[int], today: date) -> None:
        asked = select(Proposal.person_id, Proposal.role, Proposal.area_id, Proposal.state, Proposal.reason).where(
            Proposal.person_id.in_(part), Proposal.state.in_((ProposalState.WAITING, ProposalState.DECLINED))
        )
        for number, role, area_id, state, reason in db.session.execute(asked.order_by(Proposal.id)):
            waits = state is ProposalState.WAITING
            self.posts[number, role, area_id] = "：已经在等授权" if waits else f"：上次没有授予（{reason}）"
            if waits:
                self.held.setdefault(number, []).append(role)
        standing = select(PersonRole.person_id, PersonRole.role, PersonRole.area_id).where(
            PersonRole.person_id.in_(part), or_(PersonRole.until_on.is_(None), PersonRole.until_on > today)
        )
        for number, role, area_id in db.session.execute(standing):
            self.posts[number, role, area_id] = "：已经担任"
            self.held.setdefault(number, []).append(role)

    def standing(self, person_id: int, role: str, area_id: int) -> str:
        """How a post stands already, in words; empty when nobody has asked for it."""
        return self.posts.get((person_id, role, area_id), "")

    def namesakes(self, name: str, but: str = "") -> list[str]:
        """Accounts of people with this name."""
        return [login for login in self.by_name.get(name, ()) if login != but]

    def free(self, name: str, besides: set[str]) -> str | None:
        """A free account name made of a name's pinyin, None where it makes none."""
        base = search_keys(name.removesuffix(MARK))[0].partition(" ")[0][:28]
        for number in ("", *map(str, range(2, 100))):
            login = f"{base}{number}"
            if rules.login_fault(login) is None and login not in self.taken and login not in besides:
                return login
        return None


def _parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + 500] for start in range(0, len(values), 500)]
