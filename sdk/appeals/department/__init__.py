"""The plug-in kit for departments: plain functions on the bus, in plain threads.

    industry = Department("industry")

    @industry.on(OrderDispatched)
    def take(order, desk):
        desk.sign(order)

    industry.run()

Read in this order: `desk` (what a department says), `work_list` (its orders, kept up to date by the kit),
`kit` (handlers, and how processes start), `office` (the department at work on the bus). It runs on one SQLite
file or on PostgreSQL.
"""

from appeals.department.desk import Desk, NotOurWord
from appeals.department.kit import Department, schema_name
from appeals.department.office import Office
from appeals.department.work_list import NoSuchOrder, WorkOrder

__all__ = ["Department", "Desk", "NoSuchOrder", "NotOurWord", "Office", "WorkOrder", "schema_name"]
