"""Application Celery : la file n'est qu'un réveil, la vérité de ce qui est dû est une ligne de la base (socle/outbox.py)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securisation.settings")

app = Celery("jalon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
