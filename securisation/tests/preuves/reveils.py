"""Ce qui attend dans la file de messages des essais (en mémoire), tel qu'un courtier le porterait."""

from queue import Empty

from securisation.celery import app


def vider():
    """Retire tout ce qui attend dans la file ; rend le texte de chaque message, en-têtes compris."""
    portes = []
    with app.connection_for_read() as lien:
        file = lien.SimpleQueue(app.conf.task_default_queue)
        while True:
            try:
                message = file.get(block=False)
            except Empty:
                return portes
            message.ack()
            corps = message.body if isinstance(message.body, str) else bytes(message.body).decode()
            portes.append(f"{message.headers} {message.properties} {corps}")
