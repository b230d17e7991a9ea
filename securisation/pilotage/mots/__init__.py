"""Les mots des personnes : ce qui est proposé sur un parcours, ce que la direction relit, ce qu'un rapport peut citer."""

from django.db.models import F

from securisation.pilotage.attaque import SEUIL
from securisation.pilotage.edition import empreintes
from securisation.pilotage.models import Fait, Parole
from securisation.pilotage.models.parole import CHEMINS
from securisation.socle.acces import montrer_des_dossiers
from securisation.socle.cloison import lire_en_systeme
from securisation.socle.refus import Introuvable

LUES = 100  # phrases relues montrées, au plus


def retenus(perimetre):
    """Les phrases qu'une édition peut figer : [{"texte", "axe"}], `axe` son code ou "" ; jamais un numéro de parcours.

    Celles des seuls parcours accompagnés ; aucune s'ils sont moins de onze. Aucune non plus quand, rapprochée des éditions parues avec des
    mots, une phrase d'ici ou de l'une d'elles désignerait moins de onze parcours (`empreintes.est_attribuable`).
    Rangées par axe puis par texte : l'ordre ne dit rien de personne.
    """
    with lire_en_systeme():
        accompagnes = _accompagnes(perimetre)
        if accompagnes.count() < SEUIL:
            return []
        paroles = Parole.objects.avec_accord().dans(perimetre).filter(etat=Parole.Etat.RETENUE)
        paroles = paroles.filter(parcours__in=accompagnes.values("pk"))
        lues = paroles.values_list("texte", "axe__code").order_by(F("axe__ordre").asc(nulls_last=True), "texte")
        rendues = [{"texte": texte, "axe": axe or ""} for texte, axe in lues.distinct()]
        textes = [mot["texte"] for mot in rendues]
        return [] if rendues and empreintes.est_attribuable(perimetre, textes) else rendues


def _accompagnes(perimetre):
    """Les faits des parcours accompagnés de ce périmètre."""
    restrictions = _restrictions(perimetre)
    condition = {nom.removeprefix("parcours__fait__"): list(valeurs) for nom, valeurs in restrictions.items()}
    ouverts = Fait.objects.filter(compte=True, admis_le__lte=perimetre.au, **condition)
    return ouverts.filter(fini_le=None) | ouverts.filter(fini_le__gte=perimetre.du)


def encore_permis(figes):
    """Parmi ces phrases figées dans une édition ({"texte", "axe"}), celles que leur personne permet encore aujourd'hui."""
    textes = [mot["texte"] for mot in figes]
    if not textes:
        return []
    with lire_en_systeme():
        retenues = Parole.objects.avec_accord().filter(etat=Parole.Etat.RETENUE, parcours__fait__compte=True)
        permis = set(retenues.filter(texte__in=textes).values_list("texte", flat=True))
    return [mot for mot in figes if mot["texte"] in permis]


def _restrictions(perimetre):
    return {chemin: getattr(perimetre, nom) for nom, chemin in CHEMINS.items() if getattr(perimetre, nom)}


def du_parcours(parcours):
    """Contexte de la page d'un parcours : ses phrases, et si l'accord court."""
    return {
        "parcours": parcours,
        "phrases": list(parcours.paroles.select_related("axe", "proposee_par")),
        "accord": parcours.a_accord("PAROLE"),
    }


def du_parcours_ou_rien(parcours, cle):
    """La phrase de cette clé publique, sur ce parcours ; autrement introuvable."""
    return _une(parcours.paroles.all(), cle)


def a_relire(request):
    """Contexte de la page de la direction : des phrases et leur axe, sans équipe, sans numéro ; chaque dossier cité en garde la lecture."""
    with lire_en_systeme():
        attendent = list(Parole.objects.a_relire().select_related("axe"))
        relues = list(Parole.objects.relues().select_related("axe", "relue_par")[:LUES])
    montrer_des_dossiers(request, sorted({p.parcours_id for p in [*attendent, *relues]}), compter=False)
    return {"attendent": attendent, "relues": relues}


def relire(cle):
    """La phrase de cette clé publique, que la direction peut relire ; autrement introuvable. La suite lit en système."""
    lire_en_systeme()
    return _une(Parole.objects.avec_accord().exclude(etat=Parole.Etat.RETIREE), cle)


def _une(paroles, cle):
    trouvee = paroles.filter(uuid=cle).first()
    if trouvee is None:
        raise Introuvable()
    return trouvee
