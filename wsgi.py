"""What gunicorn and `flask` load: the portal as the environment configures it."""

from portal import create_app

app = create_app()
application = app
