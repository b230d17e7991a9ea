"""Des faits tirés au sort, toujours les mêmes pour une graine : de quoi éprouver les chiffres sans dossiers."""

import datetime
import random

from securisation.annuaire import models as annuaire
from securisation.pilotage.models import Fait

DEBUT = datetime.date(2024, 1, 1)


def _rang(des, n):
    """Un rang de 0 à n − 1, les premiers bien plus souvent que les derniers."""
    return int(n * des.random() ** 2.5)


def _cles(modele, **champs):
    return list(modele.objects.filter(**champs).order_by("ordre", "code").values_list("pk", flat=True))


def nomenclatures():
    """Les clés dont les faits sont faits."""
    return {
        "origine": _cles(annuaire.Origine),
        "levier": _cles(annuaire.Levier, revele_la_sante=False),
        "motif": _cles(annuaire.MotifSortie),
        "facteur": [*_cles(annuaire.Facteur, revele_la_sante=False), 0],
        "public": _cles(annuaire.Public, revele_la_sante=False),
    }


def fait(numero, des, cles):
    """Un fait ; `des` : random.Random."""
    recue, suite = DEBUT + datetime.timedelta(days=des.randrange(700)), des.random()
    fini = recue + datetime.timedelta(days=30 + des.randrange(150)) if suite < 0.6 else None
    leviers = {cles["levier"][_rang(des, len(cles["levier"]))] * 16 for _ in range(2)}
    return Fait(
        parcours_id=numero,
        cle=des.randrange(2**31),
        compte=des.random() > 0.02,
        equipe_id=1 + _rang(des, 3),
        departement=["53", "49", ""][_rang(des, 3)],
        recue_le=recue,
        admis_le=recue if suite < 0.8 else None,
        refuse_le=recue if 0.8 <= suite < 0.95 else None,
        fini_le=fini,
        bilan_le=fini if suite < 0.5 else None,
        origine=cles["origine"][_rang(des, len(cles["origine"]))],
        orientation=cles["levier"][_rang(des, 5)] if 0.8 <= suite < 0.95 else 0,
        fin=cles["motif"][_rang(des, len(cles["motif"]))] if fini else 0,
        niveaux=sum((_rang(des, 3) * 4 + _rang(des, 3)) << 4 * axe for axe in range(5)),
        duree=1 + _rang(des, 5) if fini else 0,
        cadre=_rang(des, 7),
        demarches=_rang(des, 6),
        publics=sorted({cles["public"][_rang(des, len(cles["public"]))] for _ in range(2)}),
        facteurs=sorted({cles["facteur"][_rang(des, len(cles["facteur"]))] for _ in range(4)}),
        leviers=sorted(leviers | {levier + 1 + _rang(des, 5) for levier in leviers}),
        delais=[_rang(des, 4)],
        moyens=[1 + _rang(des, 4)],
        relais=[1 + _rang(des, 3)] if fini else [],
    )


def peupler(n, graine=11):
    """Écrit `n` faits sans parcours : la base vérifie les liens à la fin de l'essai, qui les retire avant."""
    des, cles = random.Random(graine), nomenclatures()
    return Fait.objects.bulk_create(fait(numero, des, cles) for numero in range(1_000_000, 1_000_000 + n))
