"""Ce que montrent les pages de l'effacement et de la conservation : des nombres, des dates, des décisions ; jamais un contenu."""

from datetime import datetime

from django.urls import reverse

from securisation.parcours.effacement.certificat import relire
from securisation.parcours.effacement.etapes import ETAPES
from securisation.parcours.effacement.inventaire import partira
from securisation.parcours.models import Conservation, Effacement, Parcours
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_moyenne, moment

TONS = {"demande": "amber", "accepte": "amber", "decide": "brand", "execution": "brand", "execute": "green"}
FAITS_MONTRES = 50
# Ce qui a arrêté une fin de conservation annoncée, par état de la conservation.
RAISONS = {
    Conservation.Etat.LEVE: "Cette fin de conservation a été levée.",
    Conservation.Etat.ARCHIVE: "Un archivage a été décidé.",
    Conservation.Etat.FINI: "Un archivage avait été décidé ; il est fini.",
}
MONTRES = 200  # au-delà, la page le dit : les plus pressants sont traités d’abord


def consequences(inventaire):
    """Les suites d'un effacement, en nombres, pour une page de confirmation."""
    lignes = [{"chiffre": nombre, "texte": partira(nom, nombre)} for nom, nombre in _trie(inventaire)]
    return [
        *lignes,
        {"texte": "Leur historique, leurs fichiers, les travaux en file et ce que le journal en dit partent aussi."},
        {"texte": "Il reste un certificat : des dates, des nombres et qui a décidé. Rien ne se rétablit."},
    ]


def _trie(inventaire):
    """[(nom accordé, nombre)] du plus nombreux au moins nombreux."""
    couples = sorted(inventaire.items(), key=lambda couple: (-couple[1], couple[0]))
    return [(noms.split(",")[nombre > 1], nombre) for noms, nombre in couples]


def fiche(effacement, par):
    """Contexte de la page d'un effacement."""
    possibles = set(effacement.possibles(par))
    return {
        "effacement": effacement,
        "parcours": effacement.parcours_de_rattachement,
        "ton": TONS.get(effacement.etat, ""),
        "inventaire": _trie(effacement.inventaire),
        "sans_objet": _sans_objet(effacement),
        "decisions": _decisions(effacement),
        "etapes": _etapes(effacement),
        "suivi": _suivi(effacement, "relancer" in possibles),
        "a_decider": next((nom for nom in ("accepter", "decider") if nom in possibles and _autre(effacement, par)), ""),
        "a_refuser": "refuser" in possibles
        and effacement.origine == Effacement.Origine.PERSONNE
        and _autre(effacement, par),
        "attend_l_autre": effacement.etat == "accepte" and effacement.superviseur_par_id == par.pk,
        "attente": effacement.etat == Effacement.Etat.DECIDE and effacement.attend_son_jour,
        "avance": effacement.etat in (Effacement.Etat.DECIDE, Effacement.Etat.EXECUTION)
        and not effacement.attend_son_jour,
    }


def _sans_objet(effacement):
    """Pourquoi cet effacement n'a plus d'objet, et ce qu'il advient du dossier ; None pour les autres états."""
    if effacement.etat != Effacement.Etat.ANNULE:
        return None
    etat = Conservation.objects.filter(effacement=effacement).values_list("etat", flat=True).first()
    ouvert = Effacement.objects.ouverts().filter(parcours=effacement.parcours_id).first()
    return {"texte": f"{RAISONS.get(etat, '')} {_suite(etat, ouvert)}".strip(), "ouvert": ouvert}


def _suite(etat, ouvert):
    if ouvert is None:
        return "Le dossier est archivé." if etat == Conservation.Etat.ARCHIVE else "Le dossier est gardé."
    if ouvert.origine == Effacement.Origine.PERSONNE:
        return "La personne a demandé l’effacement du dossier : c’est cette demande qui vaut."
    return "Un autre effacement du dossier est ouvert."


def _autre(effacement, par):
    return effacement.superviseur_par_id != par.pk


def _decisions(effacement):
    """Les deux décisions, prises ou attendues, dans l'ordre (composant « taches »)."""
    refuse = effacement.etat in ("refuse", "annule")
    lignes = [
        ("Le superviseur de l’équipe", effacement.superviseur_par, effacement.superviseur_le, "demande"),
        ("Le délégué à la protection des données", effacement.dpo_par, effacement.dpo_le, "accepte"),
    ]
    return [
        {
            "nom": nom,
            "meta": f"{par.nom_complet}, {moment(le)}" if par else "",
            "etat": "faite" if par else "ici" if effacement.etat == quand else "fermee",
            "mot": "D’accord"
            if par
            else "Attendu"
            if effacement.etat == quand
            else "Ensuite"
            if not refuse
            else "Sans objet",
            "ton": "amber" if effacement.etat == quand and not par else "",
        }
        for nom, par, le, quand in lignes
    ]


def _etapes(effacement):
    """Chaque étape : faite (quand, combien), en cours, ou à venir (composant « taches »)."""
    faites = {faite["code"]: faite for faite in effacement.etapes}
    if effacement.etat == Effacement.Etat.EXECUTE:
        faites["certificat"] = {"le": effacement.execute_le.isoformat(), "nombre": None}
    rang = len(effacement.etapes)
    return [
        {
            "nom": etape.libelle,
            "meta": _fait(faites[etape.code]) if etape.code in faites else "",
            "etat": "faite" if etape.code in faites else "ici" if numero == rang else "a_faire",
            "mot": "Fait"
            if etape.code in faites
            else "En cours"
            if numero == rang and not effacement.incident
            else "À faire",
            "ton": "" if numero > rang else "red" if effacement.incident else "brand",
        }
        for numero, etape in enumerate(ETAPES)
    ]


def _fait(faite):
    nombre = faite["nombre"]
    if nombre is None:  # le certificat et le registre s’écrivent, ils n’effacent rien
        return f"{moment(datetime.fromisoformat(faite['le']))}, écrits"
    quoi = "rien à effacer" if not nombre else f"{nombre} effacé" if nombre == 1 else f"{nombre} effacés"
    return f"{moment(datetime.fromisoformat(faite['le']))}, {quoi}"


def _suivi(effacement, relancer):
    """Où en est l'exécution (composant « progression »)."""
    if effacement.incident:
        return {
            "etat": "echec",
            "titre": "L’effacement s’est arrêté",
            "erreur": effacement.incident,
            "relancer": reverse("parcours:relancer_effacement", args=[effacement.uuid]) if relancer else "",
        }
    if effacement.etat == Effacement.Etat.EXECUTE:
        return {"etat": "fini", "titre": "Le dossier est effacé", "etape": f"Le {date_moyenne(effacement.execute_le)}"}
    faites = len(effacement.etapes)
    prochaine = ETAPES[min(faites, len(ETAPES) - 1)].libelle
    return {"etat": "cours", "titre": "Effacement en cours", "etape": prochaine, "fait": faites, "total": len(ETAPES)}


def liste(visibles, par):
    """Contexte de la liste : ce qui attend une décision, ce qui avance, ce qui est fait."""
    lies = visibles.select_related("equipe")
    vivants = lies.select_related("parcours")  # un dossier effacé n'y est plus : ceux-là seuls en ont encore un
    return {
        "a_decider": [_ligne(e, e.parcours) for e in vivants.a_decider().order_by("demande_le")[:MONTRES]],
        "en_cours": _en_cours(lies),
        "faits": [_ligne(e, None) for e in lies.executes()[:FAITS_MONTRES]],
        "clos": [
            _ligne(e, e.parcours)
            for e in vivants.filter(etat__in=("refuse", "annule")).order_by("-modifie_le")[:FAITS_MONTRES]
        ],
        "montres": MONTRES,
        "delegue": par.a_fonction("DPO"),
    }


def _en_cours(lies):
    """Les décidés : leur dossier est encore là, ou ne l'est déjà plus ; une lecture pour tous."""
    decides = list(lies.filter(etat__in=("decide", "execution")).order_by("demande_le")[:MONTRES])
    restants = Parcours.objects.in_bulk([e.parcours_id for e in decides])
    return [_ligne(e, restants.get(e.parcours_id)) for e in decides]


def _ligne(effacement, parcours):
    nom = f"Certificat {effacement.numero}" if effacement.numero else f"Effacement {effacement.pk}"
    return {
        "e": effacement,
        "nom": f"Parcours {parcours.numero}" if parcours else nom,
        "ton": TONS.get(effacement.etat, ""),
        "retard": effacement.etat in Effacement.A_DECIDER and effacement.pas_avant and not effacement.attend_son_jour,
    }


def certificat(effacement):
    """Contexte du certificat, page et PDF."""
    lu = effacement.certificat
    return {
        "effacement": effacement,
        "c": lu,
        "demande_le": datetime.fromisoformat(lu["demande_le"]),
        "efface_le": datetime.fromisoformat(lu["efface_le"]),
        "decisions": [d | {"le": datetime.fromisoformat(d["le"])} for d in lu["decisions"]],
        "inventaire": _trie(lu["inventaire"]),
        "intact": relire(effacement),
    }


def suites_d_un_archivage(conservation):
    """Ce qu'un archivage change, pour sa page de confirmation."""
    return [
        {"texte": "Le dossier ne s’efface pas au terme."},
        {
            "texte": "Il sort de toutes les vues ; les rôles y sont retirés. Le délégué peut l’ouvrir, avec un motif écrit."
        },
        {"texte": f"Sans archivage, il s’effacerait le {date_moyenne(conservation.terme)}."},
    ]


def conservation(visibles, par):
    """Contexte de la page « Conservation » : préavis, termes atteints, archives."""
    preavis = list(visibles.en_preavis()[:MONTRES])
    jour = horloge.aujourd_hui()
    return {
        "termes": [c for c in preavis if c.terme <= jour],
        "preavis": [c for c in preavis if c.terme > jour],
        "archives": list(visibles.archives()[:MONTRES]),
        "montres": MONTRES,
        "delegue": par.a_fonction("DPO"),
    }
