"""Le lien secret d'un agenda : 256 bits tirés au sort, montrés une fois ; la base n'en garde que l'empreinte."""

import hashlib
import secrets

from django.utils import timezone

from securisation.comptes.models import LienAgenda
from securisation.socle.journal import inscrire
from securisation.socle.refus import Introuvable

LONGUEUR = 43  # 32 octets en base64 sans bourrage


def tirer(compte):
    """Un lien neuf pour ce compte ; le précédent cesse de répondre. Rend la clé, qui ne se remontrera pas."""
    cle = secrets.token_urlsafe(32)
    LienAgenda.objects.update_or_create(
        compte=compte, defaults={"empreinte": _empreinte(cle), "cree_le": timezone.now(), "lu_le": None}
    )
    inscrire("lien d’agenda créé", par=compte)
    return cle


def revoquer(compte):
    """Le lien de ce compte cesse de répondre ; sans lien, rien ne se passe."""
    if LienAgenda.objects.filter(compte=compte).delete()[0]:
        inscrire("lien d’agenda révoqué", par=compte)


def actuel(compte):
    """Le lien qui répond aujourd'hui pour ce compte, ou None."""
    return LienAgenda.objects.filter(compte=compte).first()


def compte_du_lien(cle):
    """Le compte que ce lien désigne, la lecture notée ; Introuvable pour tout autre, sans dire pourquoi."""
    if len(cle) != LONGUEUR:
        raise Introuvable()
    lien = LienAgenda.objects.select_related("compte").filter(empreinte=_empreinte(cle)).first()
    if lien is None or not lien.compte.is_active or lien.compte.equipe_id is None:
        raise Introuvable()
    LienAgenda.objects.filter(pk=lien.pk).update(lu_le=timezone.now())
    return lien.compte


def _empreinte(cle):
    return hashlib.sha256(cle.encode()).hexdigest()
