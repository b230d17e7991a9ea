"""Les journaux techniques : ce qu'ils disent d'une panne, sans rien de ce qui a été saisi ou lu.

Le message d'une exception cite souvent la valeur fautive (une ligne refusée par la base, un champ de formulaire) : il est remplacé
par le nom de l'exception et les lieux du code, qui suffisent à la trouver. Le journal du dossier (`journal.py`) est autre chose.
"""

import logging
import traceback


class SansContenu(logging.Formatter):
    """Met en forme une ligne ; d'une exception, son genre et les lieux traversés, jamais son message ni celui de ses causes."""

    def formatException(self, exc_info):
        """« RequeteRefusee, depuis IntegrityError », puis un lieu par ligne."""
        _genre, exception, trace = exc_info
        genres, lieux = [], []
        while exception is not None and len(genres) < 5:
            genres.append(type(exception).__name__)
            exception = exception.__cause__ or exception.__context__
        for lieu in traceback.extract_tb(trace):
            lieux.append(f"  {lieu.filename}:{lieu.lineno} {lieu.name}")
        return "\n".join([", depuis ".join(genres), *lieux])

    def format(self, record):
        """La ligne, où toute exception passée en valeur est réduite à son genre."""
        garde = record.args, record.exc_text
        record.args, record.exc_text = _reduire(record.args), None
        try:
            return super().format(record)
        finally:
            record.args, record.exc_text = garde


def _reduire(valeurs):
    if isinstance(valeurs, dict):
        # Le travailleur donne l'exception et sa trace en texte : seul le nom de la tâche reste.
        return {nom: "" if nom in ("exc", "traceback", "args", "kwargs") else _genre(v) for nom, v in valeurs.items()}
    return tuple(_genre(valeur) for valeur in valeurs) if isinstance(valeurs, tuple) else valeurs


def _genre(valeur):
    return type(valeur).__name__ if isinstance(valeur, BaseException) else valeur
