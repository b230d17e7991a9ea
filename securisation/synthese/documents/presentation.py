"""Ce que montre la page « Documents » : les documents rangés par genre, et une ligne par document que l'on peut vouloir demander."""

import uuid

from securisation.documents import genres
from securisation.documents.models import PARTAGE, SENSIBLE, Etat
from securisation.socle.refus import Introuvable
from securisation.socle.templatetags.jalon import compte, date_moyenne

AU_PLUS = 200  # documents montrés, les plus récents ; un parcours en a moins de vingt
MOTS = {
    Etat.DEMANDE: ("En préparation", "amber"),
    Etat.PRODUIT: ("Valide", "green"),
    Etat.ECHEC: ("Échec", "red"),
    Etat.REMPLACE: ("Remplacé", ""),
    Etat.ANNULE: ("Annulé", "red"),
}
RETENU = ("Ne se télécharge plus", "red")


def contexte(parcours, professionnel):
    """Contexte de `synthese/documents.html`."""
    lus = list(
        parcours.documents.defer("donnees").select_related("demande_par").order_by("-demande_le", "-pk")[:AU_PLUS]
    )
    courants = list(parcours.accords.en_cours().values_list("finalite__code", "uuid"))
    codes = {code for code, _ in courants}
    destinataires = dict(_destinataires(parcours))
    groupes = [
        {
            "nom": g.libelle,
            "documents": [_ligne(d, courants, parcours, destinataires) for d in lus if d.genre == g.code],
        }
        for g in genres.montres()
    ]
    demandes = sorted(_toutes_les_demandes(parcours, lus, codes), key=lambda d: bool(d["pas_encore"]))
    fini = _fini_sans_diagnostic(parcours, lus)
    return {
        "parcours": parcours,
        "fini": fini,
        "groupes": [groupe for groupe in groupes if groupe["documents"]],
        "peut": parcours.permet(professionnel, "demander_document"),
        # Un parcours fini ne promet rien : ce qui ne s'y demande pas n'y viendra plus.
        "demandes": [d for d in demandes if not d["pas_encore"]] if parcours.est_fige else demandes,
        "remet": parcours.permet(professionnel, "voir_demandes"),
        "d_autres": len(lus) == AU_PLUS,
    }


def _fini_sans_diagnostic(parcours, lus):
    """Pourquoi plus rien ne viendra d'un parcours fini avant son diagnostic ; vide s'il en a un, ou s'il court."""
    if parcours.etat == parcours.Etat.NON_ADMIS:
        return "Parcours non admis"
    est_diagnostique = any(document.genre == "diagnostic" for document in lus)
    return "Parcours interrompu avant le diagnostic" if parcours.est_fige and not est_diagnostique else ""


def _destinataires(parcours):
    """Couples (clé de l'accord, destinataire) de tous les accords de partage, courants ou finis."""
    partages = parcours.accords.filter(finalite__code=PARTAGE).values_list("uuid", "partenaire")
    return [(str(cle), nom) for cle, nom in partages]


def _ligne(document, courants, parcours, destinataires):
    mot, ton = RETENU if _est_retenu(document, courants, parcours) else MOTS[document.etat]
    meta = (
        destinataires.get(document.pour) and f"pour {destinataires[document.pour]}",
        f"demandé le {date_moyenne(document.demande_le)}",
        document.demande_par and f"par {document.demande_par.nom_complet}",
        compte(document.pages, "page,pages") if document.pages else "",
    )
    return {"document": document, "meta": ", ".join(filter(None, meta)), "mot": mot, "ton": ton}


def _est_retenu(document, courants, parcours):
    """Comme `Document.est_retenu`, sans relire les accords à chaque document."""
    if document.etat not in (Etat.PRODUIT, Etat.REMPLACE):
        return False
    if SENSIBLE in document.finalites and not any(code == SENSIBLE for code, _ in courants):
        return True
    if PARTAGE not in document.finalites:
        return False
    return parcours.limite_le is not None or document.pour not in {str(cle) for _, cle in courants}


def _toutes_les_demandes(parcours, lus, codes):
    """Ce qui se demande, puis ce qui viendra ; un document qui ne se demande pas se tait une fois qu'il existe."""
    existent = {document.genre for document in lus}
    for genre in genres.montres():
        if genre.empechement or genre.code not in existent:
            yield from _demandes(genre, parcours, codes)


def _demandes(genre, parcours, codes):
    """Les lignes d'un genre : une par destinataire s'il en a, avec pourquoi elle ne se demande pas encore."""
    a_qui = genre.destinataires(parcours) if genre.destinataires else []
    for pour, nom in a_qui or [("", "")]:
        pas_encore = parcours.empechement(genre, pour, courants=codes) if genre.empechement else genre.role
        yield {
            "genre": genre,
            "nom": f"{genre.libelle} pour {nom}" if nom else genre.libelle,
            "pour": pour,
            "pas_encore": pas_encore,
            "accords": bool(genre.destinataires) and not a_qui and not parcours.limite_le and not parcours.est_fige,
            "jeton": uuid.uuid4(),
        }


def lire_la_demande(envoi):
    """{genre, pour} d'un envoi ; un genre inconnu, un destinataire qui manque ou n'a pas la forme d'une clé, est introuvable."""
    genre, pour = envoi.get("genre", ""), envoi.get("pour", "")
    try:
        pour = str(uuid.UUID(pour)) if pour else ""
    except ValueError:
        raise Introuvable() from None
    choisi = next((g for g in genres.montres() if g.code == genre), None)
    if choisi is None or (choisi.destinataires and not pour):
        raise Introuvable()
    return {"genre": genre, "pour": pour}
