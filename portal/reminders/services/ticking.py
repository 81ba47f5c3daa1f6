"""The tick: each minute every rule is asked what became owed, and that is written once (I6).

A tick is a string of short transactions, and whoever drives it commits after each (`jobs`): a process that is killed
in between leaves a mark that has not moved, and finds the same things again; the key of the notes keeps them single.
A rule that raises does not stop the others: its error is the duty's, which tells the system administrator.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import RowMapping, select, update

from portal.ground.db import db
from portal.ground.declare import Owed, ReminderRule, Whom, offers
from portal.reminders import queries, rules
from portal.reminders.models import Note
from portal.reminders.services.ending import inherit, settle, supersede
from portal.reminders.services.office import Office
from portal.reminders.services.outbox import write_mails
from portal.reminders.services.writing import COPIED, insert_notes, move
from portal.reminders.terms import (
    ASKED_AT_ONCE,
    CHUNK,
    MAIL_MARK,
    SECOND_MOST,
    TITLE_MOST,
    WHY_MOST,
    Channel,
    NoteState,
    Origin,
    Pace,
)

log = logging.getLogger(__name__)
Row = dict[str, Any]


class RulesFailed(RuntimeError):
    """Rules could not be asked; the others were."""


def tick(*, now: datetime) -> Iterator[int]:
    """Look at everything once; yields after each transaction's worth of work how many notes it wrote or ended.

    The caller commits after each. RulesFailed at the end, when rules raised.
    """
    with current_app.test_request_context():  # so that rules can say where to go
        yield from _Tick(now).run()


def tell(name: str, *, now: datetime) -> int:
    """Ask one rule now, in the caller's transaction and request: for what cannot wait for the next tick. How many
    notes it wrote. The mark stays: the tick finds the same things again, and what went wrong here with them.
    """
    work = _Tick(now)
    rule = next(one for one in work.rules if one.name == name)
    try:
        with db.session.begin_nested():
            found = rule.find(rules.looked_since(now, now), now)
            return sum(work._write(rule, work._rows(rule, found), looked=False)) if found else 0
    except Exception:
        log.exception("reminder rule %s, at once", name)
        return 0


class _Tick:
    """One tick: what stood when it began, and what went wrong."""

    def __init__(self, now: datetime):
        self.now = now
        self.office = Office(now)
        self.rules: Sequence[ReminderRule] = offers().reminders
        self.marks = queries.marks()
        self.faults: list[str] = []

    def run(self) -> Iterator[int]:
        """Every rule, then what is done by now, then what nobody has settled, then the marks."""
        looked: dict[str, str] = {}  # whose marks may move: rule → the subject after which its asking goes on
        speaking = self._speaking()
        for rule in self.rules:
            try:
                if rule.name in speaking:
                    yield from self._look(rule)
                looked[rule.name] = self._asked_after(rule)
            except Exception as trouble:
                self._failed(rule, trouble)
        ended, going_on = self._turn()
        raised = self._raise()
        while raised >= CHUNK:
            yield raised
            raised = self._raise()
        if self._mail():
            looked[MAIL_MARK] = ""
        move({name: going_on.get(name, after) for name, after in looked.items()}, now=self.now)
        yield ended + raised
        if self.faults:
            raise RulesFailed("；".join(self.faults))

    def _speaking(self) -> set[str]:
        """The rules that find something, in most minutes none: asked of all of them under one savepoint. What they find
        is not used: it is looked for again, rule by rule, just before it is written, so that it is held meanwhile."""
        try:
            with db.session.begin_nested():
                return {rule.name for rule in self.rules if self._find(rule)}
        except Exception:
            return {rule.name for rule in self.rules}

    def _look(self, rule: ReminderRule) -> Iterator[int]:
        with db.session.begin_nested():
            found = self._find(rule)
        if found:
            yield from self._write(rule, self._rows(rule, found))

    def _find(self, rule: ReminderRule) -> Sequence[Owed]:
        mark, _after = self.marks.get(rule.name, (None, ""))
        return rule.find(rules.looked_since(mark, self.now), self.now)

    def _asked_after(self, rule: ReminderRule) -> str:
        return self.marks.get(rule.name, (None, ""))[1]

    def _failed(self, rule: ReminderRule, trouble: Exception) -> None:
        log.error("reminder rule %s", rule.name, exc_info=trouble)
        self.faults.append(f"提醒“{rule.label}”没能算出来（{type(trouble).__name__}: {trouble}）")

    def _mail(self) -> bool:
        """Write the mails that tell of what has come by now; tells whether their mark may move."""
        try:
            with db.session.begin_nested():
                return write_mails(self.marks.get(MAIL_MARK, (None, ""))[0], rules=self.rules, now=self.now)
        except Exception as trouble:
            log.error("mails", exc_info=trouble)
            self.faults.append(f"提醒邮件没能写出来（{type(trouble).__name__}: {trouble}）")
            return False

    # ---- what became owed

    def _rows(self, rule: ReminderRule, found: Sequence[Owed]) -> list[Row]:
        """The rows of what is owed, one for each person, the oldest first."""
        lines: dict[tuple[str, str, int], Row] = {}
        for one in sorted(found, key=lambda one: one.at):
            if not one.url.startswith("/") or one.url.startswith("//"):
                raise ValueError(f"{one.url} is no path of ours")
            people = self.office.people(one.whom)
            if not people:
                raise LookupError("没有人可以提醒：专项办和系统管理员都空着")
            for person_id in people:
                lines[one.subject, one.slot, person_id] = self._row(rule, one, person_id)
        return list(lines.values())

    def _row(self, rule: ReminderRule, one: Owed, person_id: int) -> Row:
        at, late = rules.delivery(one.at, self.now, pace=_pace(rule), hours=self.office.hours, works=self.office.works)
        raises = at + rule.escalation.after if rule.escalation and one.escalates else None
        return {
            "rule": rule.name, "subject": one.subject, "slot": one.slot, "person_id": person_id,
            "channel": Channel.INBOX, "origin": Origin.RULE, "title": one.title[:TITLE_MOST],
            "second": one.second[:SECOND_MOST], "why": one.why[:WHY_MOST], "url": one.url, "lamp": one.lamp,
            "word": one.word, "area_id": one.whom.area_id, "until_at": one.until_at, "owed_at": one.at,
            "written_at": self.now, "deliver_at": at, "by_at": one.until_at or at, "late": late,
            "state": NoteState.OPEN, "giver_id": None, "escalate_at": raises,
        }  # fmt: skip

    def _write(self, rule: ReminderRule, lines: Sequence[Row], *, looked: bool = True) -> Iterator[int]:
        """Write rows chunk by chunk; where the rule has looked, its mark moves with the last one, and not before."""
        chunks = [lines[start : start + CHUNK] for start in range(0, len(lines), CHUNK)]
        for place, chunk in enumerate(chunks):
            with db.session.begin_nested():
                if place and rule.still:  # a while has passed since they were found
                    alive = rule.still(_subjects(chunk), self.now)
                    chunk = [line for line in chunk if line["subject"] in alive]
                written = insert_notes(chunk)
                if written and rule.escalation:
                    inherit(rule.name, _subjects(chunk))
                if written:
                    supersede(rule.name, _subjects(chunk), now=self.now)
                if looked and place == len(chunks) - 1:
                    move({rule.name: self._asked_after(rule)}, now=self.now)
            yield written

    # ---- what is done by now

    def _turn(self) -> tuple[int, Mapping[str, str]]:
        """Ask one rule, in turn, which of its open subjects are not done yet, and settle the others.

        Returns how many notes ended, and after which subject the rule goes on at its next turn.
        """
        asking = [rule for rule in self.rules if rule.still]
        if not asking:
            return 0, {}
        rule = asking[int(self.now.timestamp()) // 60 % len(asking)]
        after = self._asked_after(rule)
        subjects = queries.live_subjects(rule.name, after=after, most=ASKED_AT_ONCE)
        going_on = {rule.name: subjects[-1] if len(subjects) == ASKED_AT_ONCE else ""}
        if not subjects or rule.still is None:
            return 0, going_on
        try:
            with db.session.begin_nested():
                alive = rule.still(subjects, self.now)
        except Exception as trouble:
            self._failed(rule, trouble)
            return 0, going_on
        done = [subject for subject in subjects if subject not in alive]
        return settle(subject=done, rule=rule.name, now=self.now) if done else 0, going_on

    # ---- what nobody has settled

    def _raise(self) -> int:
        """Tell whoever the rules name of what nobody has settled for so long; returns how many notes it took up."""
        ids = queries.due_escalations(self.now, most=CHUNK)
        if not ids:
            return 0
        taken = update(Note).where(Note.id.in_(ids), Note.ended_at.is_(None)).values(escalate_at=None)
        kept = db.session.scalars(taken.returning(Note.id).execution_options(synchronize_session=False)).all()
        notes = db.session.execute(select(Note.__table__).where(Note.id.in_(kept))).mappings().all()
        copies = {note["id"]: self._raised(note) for note in notes}
        lines = [line for found in copies.values() for line in found]
        if insert_notes(lines):
            told = update(Note).where(Note.id.in_([one for one, found in copies.items() if found]))
            db.session.execute(told.values(escalated_at=self.now).execution_options(synchronize_session=False))
            for name in {line["rule"] for line in lines}:
                supersede(name, _subjects(line for line in lines if line["rule"] == name), now=self.now)
        return len(ids)

    def _raised(self, note: RowMapping) -> list[Row]:
        """The copies of a note that go to whoever its rule names; none where that is the same person."""
        rule = next((one for one in self.rules if one.name == note["rule"]), None)
        if rule is None or rule.escalation is None:
            return []
        at = rules.allowed(self.now, pace=_pace(rule), hours=self.office.hours, works=self.office.works)
        days = rule.escalation.after.days
        copy = {column: note[column] for column in COPIED} | {
            "origin": Origin.RAISED, "why": f"{note['why']}；{f'{days} 天' if days else '一直'}没有办"[:WHY_MOST],
            "written_at": self.now, "deliver_at": at, "by_at": note["until_at"] or at, "late": False,
            "state": NoteState.OPEN, "giver_id": None, "escalate_at": None,
        }  # fmt: skip
        people = self.office.people(Whom(role=rule.escalation.role, area_id=note["area_id"]))
        return [{**copy, "person_id": one} for one in people if one != note["person_id"]]


def _pace(rule: ReminderRule) -> Pace:
    return Pace(rule.at_once, rule.through_quiet, rule.workdays_only)


def _subjects(lines: Any) -> list[str]:
    return sorted({line["subject"] for line in lines})
