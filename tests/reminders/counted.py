"""Which reminders a stretch of days owes, counted from the office's own tables by SQL that shares nothing with the
engine: no query, no rule, no calendar of its. Every `at` is a midnight; what happened on a day counts from the next."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, MetaData, Table, Text, bindparam, text

from portal.ground.clock import SHANGHAI
from portal.ground.db import Moment

ONE = timedelta(days=1)
DAYS = Table(
    "days", MetaData(), Column("day", Date), Column("at", Moment), Column("next_at", Moment), Column("noon_at", Moment),
    Column("copied_since", Moment), Column("iso", Text), Column("week", Text), Column("monday", Boolean),
    Column("within", Boolean), Column("looked", Boolean), Column("next_on", Date), Column("second_on", Date),
    Column("third_on", Date), prefixes=["TEMPORARY"],
)  # fmt: skip
TURNS = Table("turns", MetaData(), Column("day", Date), Column("slot", Text), Column("until_on", Date),
              prefixes=["TEMPORARY"])  # fmt: skip
ASKED = Table("asked", MetaData(), Column("day", Date), Column("year", Text), prefixes=["TEMPORARY"])


def _midnight(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def lay_out(connection: Connection, first: date, last: date, looked: date) -> None:
    """Fill the temporary tables: the days from two months before the first, as calendars number them; from the day
    `looked` on there has been a clockwork."""
    for table in (DAYS, TURNS, ASKED):
        table.drop(connection, checkfirst=True)
        table.create(connection)
    days = [first + ONE * n for n in range(-60, (last - first).days + 1)]
    within = [day for day in days if day >= first]
    connection.execute(DAYS.insert(), [
        {"day": day, "at": _midnight(day), "next_at": _midnight(day + ONE), "noon_at": _midnight(day, 12),
         "copied_since": _midnight(day, 12) - timedelta(hours=26), "iso": day.isoformat(),
         "next_on": day + ONE, "second_on": day + 2 * ONE, "third_on": day + 3 * ONE, "week": f"{day:%G-W%V}",
         "monday": day.weekday() == 0, "within": day >= first, "looked": day >= looked}
        for day in days
    ])  # fmt: skip
    connection.execute(TURNS.insert(), [
        {"day": day, "slot": str(left), "until_on": day + ONE * (left + 1)} for day in within for left in (30, 7, 0)
    ])  # fmt: skip
    connection.execute(ASKED.insert(), [
        {"day": day, "year": str(year)} for day in within for year in (day.year, day.year + 1)
        if day >= date(year - 1, 11, 1) and (day.weekday() == 0 or day == date(year - 1, 11, 1))
    ])  # fmt: skip


#: Who sits where on a day; who hears for a grid (its worker, else the secretary, else 专项办); which shops have to be
#: signed and under which tenure; how pledges stand; which days work, numbered.
COMMON = """
WITH RECURSIVE held AS MATERIALIZED (
  SELECT d.day, r.area_id, r.role, r.person_id FROM days d
  JOIN accounts_roles r ON r.from_on <= d.day AND (r.until_on IS NULL OR r.until_on > d.day)
  JOIN accounts_people p ON p.id = r.person_id AND p.state = 'active'),
near AS MATERIALIZED (
  SELECT h.day, g.id AS grid_id, h.person_id,
    CASE h.role WHEN 'grid_worker' THEN 1 WHEN 'secretary' THEN 2 ELSE 3 END AS place
  FROM areas_areas g JOIN held h ON (h.role = 'grid_worker' AND h.area_id = g.id)
    OR (h.role = 'secretary' AND h.area_id = g.parent_id) OR h.role = 'campaign_office'
  WHERE g.kind = 'grid'),
worker AS MATERIALIZED (
  SELECT day, grid_id, person_id FROM (SELECT *, min(place) OVER (PARTITION BY day, grid_id) AS first FROM near) n
  WHERE place = first),
chief AS MATERIALIZED (
  SELECT day, grid_id, person_id FROM (
    SELECT *, min(place) OVER (PARTITION BY day, grid_id) AS first FROM near WHERE place > 1) n
  WHERE place = first),
pledge AS MATERIALIZED (
  SELECT p.*, a.requested_at, (SELECT min(e.ended_at) FROM pledges_endings e WHERE e.pledge_id = p.id) AS ended_at
  FROM pledges_pledges p JOIN papers_papers a ON a.id = p.paper_id),
owing AS MATERIALIZED (
  SELECT d.day, d.at, s.id AS shop_id, s.grid_id, t.id AS tenure_id FROM days d
  JOIN merchants_shops s ON d.within AND (s.state NOT IN ('vacant', 'removed') OR EXISTS (
    SELECT 1 FROM merchants_events e WHERE e.shop_id = s.id AND e.kind = 'state' AND e.at > d.at))
  JOIN merchants_tenures t ON t.shop_id = s.id AND t.from_on < d.day AND (t.until_on IS NULL OR t.until_on >= d.day)),
unsigned AS MATERIALIZED (
  SELECT o.* FROM owing o WHERE NOT EXISTS (
    SELECT 1 FROM pledge p WHERE p.tenure_id = o.tenure_id AND (p.ended_at IS NULL OR p.ended_at > o.at) AND (
      (p.confirmed_at < o.at AND p.starts_on <= o.day AND p.until_on > o.day)
      OR (p.requested_at < o.at AND (p.confirmed_at IS NULL OR p.confirmed_at > o.at))))),
works AS MATERIALIZED (
  SELECT w.day, d.at, row_number() OVER (ORDER BY w.day) AS n FROM worktime_days w JOIN days d ON d.day = w.day
  WHERE w.works AND w.number = (
    SELECT max(c.number) FROM worktime_calendars c JOIN worktime_days x ON x.number = c.number WHERE x.day = w.day))
"""

#: What waits to be confirmed from the third working day on, day by day; `left_over` when it still does as the day ends.
OVERDUE = """
, overdue AS MATERIALIZED (
  SELECT g.id AS grid_id, g.parent_id, d.day, d.next_on, d.iso, d.within,
    max(CASE WHEN coalesce(p.ended_at, p.confirmed_at) <= d.next_at THEN 0 ELSE 1 END) AS left_over
  FROM pledge p
  JOIN works k ON k.n = (SELECT count(*) FROM works WHERE at <= p.requested_at) + 3
  JOIN days d ON d.looked AND d.day >= k.day
  JOIN merchants_shops s ON s.id = p.shop_id
  JOIN areas_areas g ON g.id = s.grid_id
  WHERE (p.ended_at IS NULL OR p.ended_at > d.at)
    AND (p.state = 'waiting' OR p.requested_at < p.confirmed_at AND p.confirmed_at > d.at)
  GROUP BY g.id, g.parent_id, d.day, d.next_on, d.iso, d.within),
asked_of AS MATERIALIZED (
  SELECT o.*, a.person_id FROM overdue o
  JOIN accounts_authorities a ON a.key = 'pledges.confirm' AND a.area_id IN (o.grid_id, o.parent_id)
    AND a.from_on <= o.day AND a.until_on > o.day)
"""
SIGNED_BEFORE = "EXISTS (SELECT 1 FROM pledge p WHERE p.shop_id = u.shop_id AND p.confirmed_at < u.at)"
#: Rule → what it owes: (subject, slot, person).
RULES = {
    "pledges.lapse": """
SELECT 'pledge:' || p.id, t.slot, w.person_id FROM turns t
JOIN pledge p ON p.until_on = t.until_on
JOIN owing o ON o.day = t.day AND o.tenure_id = p.tenure_id
JOIN worker w ON w.day = t.day AND w.grid_id = o.grid_id
WHERE p.confirmed_at < o.at AND (p.ended_at IS NULL OR p.ended_at > o.at) AND NOT EXISTS (
  SELECT 1 FROM pledge n WHERE n.tenure_id = p.tenure_id AND n.id > p.id AND n.requested_at < o.at)""",
    "pledges.unsigned": """
SELECT 'grid:' || u.grid_id, d.week, w.person_id FROM unsigned u
JOIN days d ON d.day = u.day AND d.monday
JOIN worker w ON w.day = u.day AND w.grid_id = u.grid_id""",
    "pledges.waiting": f"{OVERDUE} SELECT 'grid:' || grid_id, iso, person_id FROM asked_of WHERE within",
    "pledges.renewal": f"""
SELECT 'tenure:' || u.tenure_id, n.slot, w.person_id FROM merchants_events e
JOIN (SELECT '2' AS slot, 3 AS n UNION SELECT '0', 5) n ON e.kind = 'operator'
JOIN works k ON k.n = (SELECT count(*) FROM works WHERE at <= e.at) + n.n
JOIN unsigned u ON u.shop_id = e.shop_id AND u.day = k.day
JOIN worker w ON w.day = u.day AND w.grid_id = u.grid_id
WHERE {SIGNED_BEFORE}""",
    "worktime.calendar": """
SELECT 'calendar:' || y.year, d.week, h.person_id FROM asked y
JOIN days d ON d.day = y.day
JOIN held h ON h.day = y.day AND h.role = 'campaign_office'
WHERE NOT EXISTS (SELECT 1 FROM worktime_calendars c
  WHERE CAST(c.year AS TEXT) = y.year AND c.state = 'published' AND c.made_at < d.at)""",
    "upkeep.late": """
SELECT 'backup', d.iso, h.person_id FROM days d
JOIN held h ON h.day = d.day AND h.role = 'system_admin'
WHERE d.within AND d.noon_at <= :until AND NOT EXISTS (SELECT 1 FROM duties_runs r WHERE r.duty = 'upkeep.backup'
  AND r.state = 'done' AND r.started_at > d.copied_since AND r.started_at < d.noon_at)""",
    "duties.failed": """
SELECT 'duty:' || r.duty, 'run ' || min(r.id), h.person_id FROM duties_runs r
JOIN days d ON d.within AND r.ended_at >= d.at AND r.ended_at < d.next_at
JOIN held h ON h.day = d.day AND h.role = 'system_admin'
WHERE r.state = 'failed' GROUP BY r.duty, d.day, h.person_id""",
    "kiosk.call": """
SELECT 'call:' || c.id, 'call', h.person_id FROM kiosk_calls c
JOIN kiosk_devices k ON k.id = c.device_id
JOIN areas_areas a ON a.id = coalesce(k.hall_id, k.area_id)
JOIN days d ON d.within AND c.called_at >= d.at AND c.called_at < d.next_at
JOIN held h ON h.day = d.day AND h.area_id = a.id
  AND h.role = CASE a.kind WHEN 'office' THEN 'campaign_office' ELSE 'community_staff' END""",
}

#: What nobody settles in time is told to the secretary, else to 专项办: a pledge that lapses three days after its word
#: of 7 and of 0 days, a new operator two days after the last day, a call after five minutes. What waits to be confirmed
#: is told to 专项办 a day after the working day on which somebody first heard of it; with that the day's word is told,
#: and the next day's begins anew.
RAISED = {
    "pledges.waiting": f"""{OVERDUE}
, begun AS (
  SELECT a.*, CASE WHEN b.day IS NULL THEN 1 ELSE 0 END AS begins FROM asked_of a
  LEFT JOIN asked_of b
    ON b.grid_id = a.grid_id AND b.person_id = a.person_id AND b.next_on = a.day AND b.left_over = 1),
stretch AS MATERIALIZED (
  SELECT *, sum(begins) OVER (PARTITION BY grid_id, person_id ORDER BY day) AS number FROM begun),
next_told AS MATERIALIZED (
  SELECT d.day, (SELECT x.next_on FROM days x WHERE x.day = (SELECT min(k.day) FROM works k WHERE k.day >= d.day))
    AS told_on FROM days d),
told AS (
  SELECT s.grid_id, s.person_id, s.number, n.told_on FROM stretch s JOIN next_told n ON n.day = s.day
  WHERE s.begins = 1
  UNION ALL
  SELECT t.grid_id, t.person_id, t.number, n.told_on FROM told t
  JOIN stretch s ON s.grid_id = t.grid_id AND s.person_id = t.person_id AND s.number = t.number AND s.day = t.told_on
  JOIN next_told n ON n.day = s.next_on)
SELECT 'grid:' || s.grid_id, s.iso, h.person_id FROM told t
JOIN stretch s ON s.grid_id = t.grid_id AND s.person_id = t.person_id AND s.number = t.number AND s.day = t.told_on
  AND s.within
JOIN held h ON h.day = s.day AND h.role = 'campaign_office' AND h.person_id <> s.person_id
WHERE NOT EXISTS (SELECT 1 FROM asked_of a
  WHERE a.grid_id = s.grid_id AND a.day = s.day AND a.person_id = h.person_id)""",
    "pledges.lapse": """
SELECT 'pledge:' || p.id, t.slot, h.person_id FROM turns t
JOIN pledge p ON p.until_on = t.until_on AND t.slot <> '30'
JOIN days d ON d.day = t.day
JOIN owing o ON o.day = d.third_on AND o.tenure_id = p.tenure_id
JOIN chief h ON h.day = o.day AND h.grid_id = o.grid_id
WHERE p.confirmed_at < d.at AND (p.ended_at IS NULL OR p.ended_at > o.at)
  AND EXISTS (SELECT 1 FROM worker w WHERE w.day = t.day AND w.grid_id = o.grid_id AND w.person_id <> h.person_id)""",
    "pledges.renewal": f"""
SELECT 'tenure:' || u.tenure_id, '0', h.person_id FROM merchants_events e
JOIN works k ON e.kind = 'operator' AND k.n = (SELECT count(*) FROM works WHERE at <= e.at) + 5
JOIN days d ON d.day = k.day
JOIN unsigned u ON u.shop_id = e.shop_id AND u.day = d.second_on
JOIN chief h ON h.day = u.day AND h.grid_id = u.grid_id
WHERE {SIGNED_BEFORE}""",
    "kiosk.call": """
SELECT 'call:' || c.id, 'call', h.person_id FROM kiosk_calls c
JOIN kiosk_devices k ON k.id = c.device_id
JOIN days d ON d.within AND c.called_at >= d.at AND c.called_at < d.next_at
JOIN held h ON h.day = d.day AND h.role = 'secretary' AND h.area_id = coalesce(k.hall_id, k.area_id)
WHERE c.lapsed_at IS NOT NULL""",
}

Key = tuple[str, str, str, int]


def expected(connection: Connection, until: datetime, rules: dict[str, str] = RULES) -> set[Key]:
    """What is owed: (rule, subject, slot, person)."""
    found: set[Key] = set()
    for rule, select in rules.items():
        found |= {(rule, *row) for row in connection.execute(_bound(COMMON + select), {"until": until})}
    return found


def _bound(sql: str) -> Any:
    return text(sql).bindparams(bindparam("until", type_=Moment())) if ":until" in sql else text(sql)


def differing(one: Iterable[Key], other: Iterable[Key]) -> dict[str, int]:
    """How many keys stand in one of the two only, rule by rule."""
    counts: dict[str, int] = {}
    for rule, *_key in set(one) ^ set(other):
        counts[rule] = counts.get(rule, 0) + 1
    return counts
