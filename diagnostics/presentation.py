"""Ce que les pages du diagnostic montrent : tâches, cartes de niveau, résumés, repères. Lecture seule."""

import uuid

from django.urls import reverse
from django.utils.timezone import localtime

from diagnostics import dominos, saisie
from diagnostics.forms import SANS_AVIS
from diagnostics.models import Diagnostic, DominoExamine, FacteurRetenu
from securisation.annuaire.models import Ancrage, Criticite, Facteur
from securisation.annuaire.models.situation import lisible
from securisation.socle import graphiques, horloge
from securisation.socle.templatetags.jalon import date_moyenne, en_lettres, heure


def echelle():
    """Niveau → Criticite, dans l'ordre : une requête."""
    return {criticite.niveau: criticite for criticite in Criticite.objects.ouverts().order_by("niveau")}


# --- La liste de tâches


def liste_de_taches(diagnostic, par):
    """Tout le contexte de la page du diagnostic en cours."""
    evaluations, brouillons = diagnostic.par_axe(), saisie.brouillons(diagnostic, par)
    noms, manques = echelle(), diagnostic.manques(evaluations)
    a_finir = [e for e in evaluations if list(e.manques())]
    return {
        "taches": [_tache_d_axe(e, noms, brouillons.get(e.pk)) for e in evaluations],
        "finales": [_tache_des_suites(diagnostic), _tache_de_relecture(diagnostic, manques, a_finir)],
        "termines": len(evaluations) - len(a_finir),
        "total": len(evaluations),
        "suivant": next((e for e in evaluations if e.pk in brouillons), a_finir[0] if a_finir else None),
        "entretien": a_finir[0] if a_finir else evaluations[0],
        "pret": not manques and not brouillons,
        "reste": _reste(a_finir),
        "paroles": [e for e in evaluations if e.parole][-1:],
        "echeance": diagnostic.parcours.echeances.filter(nature="diagnostic").first(),
        "sensible": diagnostic.parcours.accords.en_cours().filter(finalite__code="SENSIBLE").first(),
    }


def _reste(a_finir):
    if not a_finir:
        return "Tous les axes sont remplis."
    mot = "axe" if len(a_finir) == 1 else "axes"
    return f"Il reste {en_lettres(len(a_finir))} {mot} à terminer."


def _tache_d_axe(evaluation, noms, brouillon):
    tache = {"nom": evaluation.axe.libelle, "url": reverse("diagnostics:axe", args=[evaluation.uuid])}
    if brouillon:
        meta = f"Brouillon enregistré {quand(brouillon.enregistre_le)}. Personne d’autre ne le voit."
        return tache | {"etat": "ici", "mot": "En cours", "meta": meta}
    if evaluation.est_vierge:
        return tache | {"etat": "a_faire", "mot": "À commencer", "meta": ""}
    if manques := [texte.partition(" : ")[2] for texte in evaluation.manques()]:
        return tache | {"etat": "ici", "mot": "En cours", "meta": _phrase(manques[0])}
    return tache | {"etat": "faite", "mot": "Terminé", "meta": resume_de_niveau(evaluation, noms)}


def quand(moment):
    """« à 10 h 42 », avec le jour quand ce n'est pas aujourd'hui."""
    jour = localtime(moment).date()
    le_jour = "" if jour == horloge.aujourd_hui() else f"le {date_moyenne(jour)} "
    return f"{le_jour}à {heure(moment)}"


def _phrase(texte):
    return texte[:1].upper() + texte[1:]


def resume_de_niveau(evaluation, noms):
    """« 2 · Fragile. La personne place cet axe à 2 aussi. »"""
    debut = f"{evaluation.criticite} · {noms[evaluation.criticite].libelle}."
    sien = evaluation.criticite_de_la_personne
    if sien is None:
        return f"{debut} La personne ne se prononce pas."
    return f"{debut} La personne place cet axe à {sien}{' aussi' if sien == evaluation.criticite else ''}."


def _tache_des_suites(diagnostic):
    proposes, examines = len(dominos.proposer(diagnostic)), diagnostic.dominos.count()
    tache = {"nom": "Effets domino", "url": reverse("diagnostics:suites", args=[diagnostic.uuid])}
    if proposes:
        mot = "suites possibles" if proposes > 1 else "suite possible"
        vues = f" Déjà vues : {examines}." if examines else ""
        return tache | {"etat": "ici", "mot": "En cours", "meta": f"{proposes} {mot} à examiner.{vues}"}
    if examines:
        mot = "suites examinées" if examines > 1 else "suite examinée"
        return tache | {"etat": "faite", "mot": "Terminé", "meta": f"{examines} {mot}."}
    return tache | {
        "etat": "a_faire",
        "mot": "Rien à voir",
        "ton": "sand",
        "meta": "Les suites viennent avec les facteurs.",
    }


def _tache_de_relecture(diagnostic, manques, a_finir):
    tache = {"nom": "Relire et valider", "url": reverse("diagnostics:relire", args=[diagnostic.uuid])}
    if not manques:
        return tache | {
            "etat": "ici",
            "mot": "Possible",
            "meta": "Tout est rempli : relisez avec la personne, puis validez.",
        }
    absents = [f"{en_lettres(len(a_finir))} axe{'s' if len(a_finir) > 1 else ''}"] if a_finir else []
    absents += [
        {"parole": "la priorité de la personne", "dominos": "l’examen des suites"}[m.lieu]
        for m in manques
        if isinstance(m.lieu, str)
    ]
    tout = absents[0] if len(absents) == 1 else f"{', '.join(absents[:-1])} et {absents[-1]}"
    return tache | {"etat": "a_faire", "mot": "Incomplet", "ton": "sand", "meta": f"Il manque {tout}."}


# --- La page d'un axe


def cartes_de_niveau(evaluation):
    """Les cinq niveaux avec la phrase de l'axe et le délai qu'ils appellent : deux requêtes."""
    phrases = dict(Ancrage.objects.filter(axe=evaluation.axe_id).values_list("niveau", "ancrage"))
    return [
        {
            "valeur": c.niveau,
            "libelle": c.libelle,
            "ancrage": phrases.get(c.niveau, c.ancrage),
            "delai": _delai(c.delai_action),
        }
        for c in echelle().values()
    ]


def _delai(texte):
    """« ≤ 30 j » → « agir sous 30 jours »."""
    if texte.startswith("≤ "):
        return f"agir sous {texte[2:].removesuffix(' j')} jours"
    return f"agir sous {texte.replace('-', ' à ')}" if texte[:1].isdigit() else texte


def nommer_les_niveaux(form, niveaux):
    """Donne au niveau de la personne les mots de l'échelle : « 2 · Fragile »."""
    choix = [(str(n["valeur"]), f"{n['valeur']} · {n['libelle']}") for n in niveaux]
    form.fields["criticite_de_la_personne"].choices = [*choix, (SANS_AVIS, "Ne se prononce pas")]


def avancement(evaluation):
    """Les cinq axes du même diagnostic et où ils en sont, pour la colonne de repères."""
    lignes = []
    for autre in evaluation.diagnostic.par_axe():
        ici, fini = autre.pk == evaluation.pk, not list(autre.manques())
        mot = "Cette page" if ici else "Terminé" if fini else "À commencer" if autre.est_vierge else "En cours"
        lignes.append({"nom": autre.axe.libelle, "ici": ici, "fini": fini, "mot": mot})
    rang = next(rang for rang, ligne in enumerate(lignes, 1) if ligne["ici"])
    return {"lignes": lignes, "rang": rang, "total": len(lignes), "finis": sum(ligne["fini"] for ligne in lignes)}


# --- Les suites


def page_des_suites(diagnostic):
    """Suites proposées, examinées, et leur image."""
    sensible = diagnostic.parcours.a_accord("SENSIBLE")
    examines = dominos.examines(diagnostic, sensible=sensible)
    retenus = FacteurRetenu.objects.filter(evaluation__diagnostic=diagnostic.pk)
    return {
        "proposes": [_habiller(lien, sensible) for lien in dominos.proposer(diagnostic)],
        "examines": examines,
        "enchainement": dominos.image(examines, dict(retenus.values_list("facteur__code", "constate"))),
        "sensible": sensible,
    }


def suites_de_l_axe(evaluation, sensible):
    """Suites proposées qui partent d'un facteur de cet axe."""
    proposes = [lien for lien in dominos.proposer(evaluation.diagnostic) if lien.de.axe_id == evaluation.axe_id]
    return [_habiller(lien, sensible) for lien in proposes]


def _habiller(lien, sensible):
    """Donne à un lien sa phrase et le jeton de son formulaire ; sans accord, rien n'y nomme ce qui révèle la santé."""
    tu = not sensible and (dominos.taire(lien.de) + dominos.taire(lien.vers))
    lien.pourquoi = dominos.RESERVE if tu else lisible(lien.mecanisme)
    lien.nom_de, lien.nom_vers = dominos.court(lien.de.libelle), dominos.court(lien.vers.libelle)
    lien.jeton = uuid.uuid4()
    return lien


def suite_nommee(diagnostic, de, vers):
    """La suite à examiner entre ces deux codes (neuve), ou None si un code n'existe pas."""
    facteurs = {facteur.code: facteur for facteur in Facteur.objects.filter(code__in=[de or "", vers or ""])}
    if de not in facteurs or vers not in facteurs:
        return None
    return DominoExamine(diagnostic=diagnostic, de=facteurs[de], vers=facteurs[vers])


def phrase_de(domino):
    """La suite en une phrase, avec son mécanisme."""
    if not domino.diagnostic.parcours.a_accord("SENSIBLE") and (dominos.taire(domino.de) + dominos.taire(domino.vers)):
        return f"{dominos.court(domino.de.libelle)}, puis {dominos.court(domino.vers.libelle)}."
    mecanisme = f" {lisible(domino.lien.mecanisme)}." if domino.lien else ""
    return f"{dominos.phrase(domino)}{mecanisme}"


# --- La relecture


def relecture(diagnostic):
    """Le diagnostic entier à lire : axes, comparaison avec la version précédente, enchaînement, radar."""
    evaluations, noms = diagnostic.par_axe(), echelle()
    avant, suites = _niveaux_d_avant(diagnostic), page_des_suites(diagnostic)
    for retenu in (f for e in evaluations for f in e.facteurs.all()):
        retenu.est_tu = not suites["sensible"] and dominos.taire(retenu.facteur)
        retenu.nom = lisible(retenu.facteur.libelle)
    return suites | {
        "axes": [
            {
                "evaluation": e,
                "nom": noms[e.criticite].libelle if e.criticite is not None else "",
                "nom_personne": noms[e.criticite_de_la_personne].libelle
                if e.criticite_de_la_personne is not None
                else "",
                "avant": avant.get(e.axe_id),
                "ecart": e.criticite - avant[e.axe_id]
                if e.criticite is not None and avant.get(e.axe_id) is not None
                else None,
            }
            for e in evaluations
        ],
        "comparee": bool(avant),
        "radar": _radar(evaluations),
        "manques": diagnostic.manques(evaluations) if diagnostic.est_en_cours else [],
    }


def _niveaux_d_avant(diagnostic):
    if diagnostic.rang == 1:
        return {}
    precedent = Diagnostic.objects.filter(parcours=diagnostic.parcours_id, rang=diagnostic.rang - 1).first()
    return dict(precedent.evaluations.values_list("axe", "criticite")) if precedent else {}


def _radar(evaluations):
    series = [
        {"nom": "La personne", "valeurs": [e.criticite_de_la_personne for e in evaluations], "creux": True},
        {"nom": "Le professionnel", "valeurs": [e.criticite for e in evaluations]},
    ]
    return graphiques.radar([e.axe.libelle for e in evaluations], series)


def lecture(diagnostic, par):
    """Un diagnostic figé : tout ce qu'il dit, son document, et la possibilité d'une version suivante."""
    neuf, etat = Diagnostic(parcours=diagnostic.parcours), diagnostic.parcours.etat
    return relecture(diagnostic) | {
        "document": document(diagnostic) if diagnostic.etat == Diagnostic.Etat.VALIDE else None,
        "demarrable": etat == "diagnostic"
        and diagnostic.parcours.autorise(par, "demarrer_intervention", diagnostic.parcours),
        "nouvelle": "ouvrir" in neuf.possibles(par) and etat in ("diagnostic", "intervention"),
    }


def ouverture(parcours):
    """Textes de la page qui ouvre un diagnostic, premier ou suivant."""
    suivant = parcours.diagnostics.exists()
    reprise = [{"texte": "Elle reprend la version validée : changez ce qui a changé."}] if suivant else []
    return {
        "titre": "Ouvrir une nouvelle version du diagnostic" if suivant else "Ouvrir le diagnostic",
        "consequences": [
            *reprise,
            {"chiffre": 5, "texte": "axes à remplir avec la personne, en un ou plusieurs entretiens."},
            {"texte": "Rien n’est figé avant la validation ; vos brouillons ne sont lus que par vous."},
        ],
        "bouton": "Ouvrir cette version" if suivant else "Ouvrir le diagnostic",
    }


def document(diagnostic):
    """Le dernier document demandé pour ce parcours : celui de ce diagnostic quand il vient d'être validé."""
    return diagnostic.parcours.documents.filter(genre="diagnostic").order_by("-edition").first()


def consequences(diagnostic):
    """Ce qui suit la validation, en chiffres et en phrases."""
    evaluations = diagnostic.par_axe()
    a_traiter = sum((e.criticite or 0) >= 2 for e in evaluations)
    facteurs = sum(len(e.facteurs.all()) for e in evaluations)
    mot = "axe appelle une action, sous le délai de son niveau."
    mots = "axes appellent une action, sous le délai de leur niveau."
    return [
        {"texte": "Cette version est figée : elle ne se modifie plus. Une version suivante pourra lui être comparée."},
        {"chiffre": a_traiter, "texte": mots if a_traiter > 1 else mot},
        {
            "chiffre": facteurs,
            "texte": "facteurs figurent au document." if facteurs > 1 else "facteur figure au document.",
        },
        {
            "texte": "Le document « Diagnostic de sécurisation du parcours » est produit (PDF) ; sa page s’ouvre ensuite."
        },
        {"texte": "L’équipe et la personne pourront le lire. Aucun partenaire sans son accord."},
    ]
