"""Forks a clockwork for each line on its input: the portal is loaded once for a hundred deaths.

A line says before which commit the clockwork is killed; answered are its process number, and how it ended.
With the word `careless` it has one duty only, which lacks what keeps the portal's own from doing their work twice.
"""

import gc
import os
import sys
from datetime import datetime

from flask import current_app
from flask.cli import FlaskGroup

from portal import create_app
from portal.duties import services
from portal.ground.db import db
from portal.ground.declare import Duty, duties


def anchor_without_looking(*, now: datetime) -> int:
    """Write the day down, whether it stands there already or not, and commit something of one's own."""
    with (current_app.config["INSTANCE"] / "anchors.txt").open("a") as anchors:
        anchors.write(f"{now:%Y-%m-%d} careless\n")
    db.session.commit()
    return 1


CARELESS = Duty("audit.anchor", "留痕封存", "5 0 * * *", anchor_without_looking, "测试用")


def _clockwork(group: FlaskGroup) -> None:
    """`flask clockwork`, without the second that taking a whole interpreter apart takes."""
    code: object = 1
    try:
        group.main(["clockwork"], prog_name="flask")
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def main() -> None:
    """Answer line by line until the input ends."""
    app = create_app()
    if "careless" in sys.argv:
        app.extensions["duties"] = (CARELESS,)
    group = FlaskGroup(create_app=lambda: app, set_debug_flag=False)
    with app.app_context():  # what each of a hundred would make ready anew is made ready once
        services.due(duties(), now=app.extensions["clock"].now())
        db.session.remove()
        db.engine.dispose()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.environ["PORTAL_DIE_AT_COMMIT"] = line.strip()
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            _clockwork(group)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
