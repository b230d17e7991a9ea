"""Du diagnostic enregistré à l'instantané `diagnostic/1` que le document fige : un dict JSON, rien de plus que ce qu'il montre."""

from diagnostics import dominos
from securisation.annuaire.models import Ancrage, Axe, Criticite
from securisation.annuaire.models.situation import lisible
from securisation.parcours import droits


def instantane(diagnostic):
    """L'instantané entier d'un diagnostic (sans son bloc `document`, posé par la machine des documents)."""
    return {"schema": "diagnostic/1"} | commun(diagnostic)


def commun(diagnostic):
    """Ce que le diagnostic et le bilan ont en commun : association, parcours, personne, référent, échelle, axes, suites."""
    parcours = diagnostic.parcours
    echelle = list(Criticite.objects.ouverts().order_by("niveau"))
    return {
        "association": {"nom": parcours.equipe.association, "equipe": parcours.equipe.nom},
        "parcours": _parcours(parcours),
        "personne": _personne(parcours.personne),
        "referent": _referent(parcours),
        "echelle": [
            {"niveau": c.niveau, "libelle": c.libelle, "delai_action": c.delai_action, "ancrage": c.ancrage}
            for c in echelle
        ],
        "diagnostic": _entete(diagnostic),
        "axes": _axes(diagnostic, {c.niveau: c.ancrage for c in echelle}),
        "dominos": [_domino(domino) for domino in dominos.examines(diagnostic)],
        "partages": _partages(parcours),
    }


def _parcours(parcours):
    qualification = getattr(parcours, "qualification", None)
    return {
        "numero": parcours.numero,
        "ouvert_le": parcours.recue_le.isoformat(),
        "admis_le": qualification.le.isoformat() if qualification else None,
        "origine": parcours.origine.libelle,
        "orienteur": parcours.orienteur,
        "motif_admission": qualification.motif if qualification else "",
    }


def _personne(personne):
    return {
        "nom": personne.appellation,
        "appel": personne.appellation,
        "annee_naissance": personne.annee_naissance,
        "commune": personne.commune,
    }


def _referent(parcours):
    attribution = (
        parcours.attributions.filter(permission__codename=droits.REFERENT).select_related("user").order_by("pk").first()
    )
    if attribution is None:
        return {"nom": ""}
    return {"nom": attribution.user.nom_complet, "titre": attribution.user.metier or "Référent", "telephone": ""}


def _entete(diagnostic):
    return {
        "version": diagnostic.rang,
        "ouvert_le": diagnostic.ouvert_le.isoformat(),
        "valide_le": _jour(diagnostic.valide_le),
        "valide_par": diagnostic.valide_par.nom_complet if diagnostic.valide_par else "",
        "priorite": diagnostic.priorite_de_la_personne,
        "desaccord": diagnostic.desaccord_de_la_personne,
    }


def _axes(diagnostic, generaux):
    """Les axes dans l'ordre ; la phrase du niveau est celle de l'axe, ou celle de l'échelle au niveau 0."""
    ancrages = {(a.axe_id, a.niveau): a.ancrage for a in Ancrage.objects.all()}
    return [
        {
            "code": e.axe.code,
            "libelle": e.axe.libelle,
            "niveau": e.criticite,
            "ancrage": ancrages.get((e.axe_id, e.criticite)) or generaux.get(e.criticite, ""),
            "niveau_personne": e.criticite_de_la_personne,
            "parole": e.parole,
            "points_d_appui": e.appuis,
            "recueilli_le": _jour(e.recueilli_le),
            "facteurs": [_facteur(f) for f in e.facteurs.all()],
        }
        for e in diagnostic.par_axe()
    ]


def _facteur(retenu):
    return {
        "code": retenu.facteur.code,
        "libelle": lisible(retenu.facteur.libelle),
        "constate": retenu.constate,
        "echeance": _jour(retenu.echeance),
        "note": retenu.note,
        "reserve": retenu.facteur.revele_la_sante,
    }


def _domino(domino):
    lien = domino.lien
    return {
        "de": {"code": domino.de.code, "libelle": lisible(domino.de.libelle)},
        "vers": {"code": domino.vers.code, "libelle": lisible(domino.vers.libelle)},
        "delai": lien.delai if lien else None,
        "force": lien.force if lien else None,
        "mecanisme": lisible(lien.mecanisme) if lien else "",
        "retenu": domino.retenu,
        "reserve": domino.de.revele_la_sante or domino.vers.revele_la_sante,
        "motif": "" if domino.retenu else domino.note,
        "note": domino.note if domino.retenu else "",
    }


def _partages(parcours):
    libelles = dict(Axe.objects.values_list("code", "libelle"))
    accords = parcours.accords.en_cours().filter(finalite__code="PARTAGE")
    return [
        {
            "partenaire": accord.partenaire,
            "axes": [libelles.get(code, code) for code in accord.axes],
            "jusqu_au": _jour(accord.jusqu_au),
        }
        for accord in accords
    ]


def _jour(valeur):
    return valeur.isoformat() if valeur else None
