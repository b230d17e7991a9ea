"""Ce que les pages de la sortie montrent : tâches, avant et après, risques, ce qui manque. Lecture seule."""

from django.urls import reverse

from diagnostics.presentation import cartes_de_niveau, echelle
from interventions.models import Action
from interventions.reserve import lisibles, taire_le_facteur
from securisation.annuaire.presentation import NOMS_COURTS
from securisation.socle import graphiques
from securisation.socle.templatetags.jalon import compte, en_lettres
from sorties.models import CotationSortie, Risque
from sorties.reserve import taire
from sorties.risques_dus import RisqueDu, risques_dus

MOTS = {"cadre": "le motif et l’évaluateur", "parole": "la parole de la personne", "remise": "les copies remises"}


def ouverture(parcours):
    """Textes de la page qui ouvre la sortie."""
    attente = parcours.intervention.actions.filter(etat=Action.Etat.OUVERTE).count()
    return {
        "titre": "Ouvrir la sortie",
        "consequences": [
            {"texte": "L’intervention ne reçoit plus d’action, de suspension ni de prolongation."},
            _attente(attente),
            {"texte": "Les cinq axes se cotent de nouveau, sur la même échelle, avec la personne."},
            {"texte": "Rien n’est figé avant la validation du bilan."},
        ],
        "bouton": "Ouvrir la sortie",
    }


def _attente(nombre):
    if not nombre:
        return {"texte": "Aucune démarche n’attend plus de réponse."}
    if nombre == 1:
        return {"chiffre": 1, "texte": "démarche attend encore : elle demandera un risque et son relais."}
    return {"chiffre": nombre, "texte": "démarches attendent encore : chacune demandera un risque et son relais."}


def lire(sortie):
    """Ce que toutes les pages partagent, lu une fois : cotes, risques, risques dus, manques, mots de l'échelle."""
    sensible, cotations = sortie.parcours.a_accord("SENSIBLE"), sortie.par_axe()
    risques = lisibles(sortie.liste_des_risques(), sortie.parcours, sensible=sensible, taire=taire)
    dus = risques_dus(sortie, cotations, risques, sensible=sensible)
    manques = sortie.manques(cotations=cotations, risques=risques, dus=dus) if sortie.est_en_cours else []
    lu = {"cotations": cotations, "risques": risques, "dus": dus, "manques": manques, "noms": echelle()}
    return lu | {"sensible": sensible}


# --- La liste de tâches


def liste_de_taches(sortie):
    """Tout le contexte de la page de la sortie en cours."""
    lu = lire(sortie)
    a_finir = [c for c in lu["cotations"] if not c.est_complete]
    return {
        "taches": [_tache_d_axe(c, lu["noms"]) for c in lu["cotations"]],
        "finales": [
            _tache_du_cadre(sortie),
            _tache_des_risques(sortie, lu),
            _tache_de_parole(sortie),
            _tache_de_remise(sortie),
            _tache_de_relecture(sortie, lu["manques"], a_finir),
        ],
        "termines": len(lu["cotations"]) - len(a_finir),
        "total": len(lu["cotations"]),
        "suivante": a_finir[0] if a_finir else None,
        "reste": len(lu["manques"]),
        "echeance": sortie.parcours.echeances.filter(nature="sortie").first(),
        "entree": sortie.entree,
    }


def _tache(nom, url, *, fait, commence=False, meta=""):
    """Une ligne de la liste : son état se lit en un mot."""
    etat, mot = ("faite", "Terminé") if fait else ("ici", "En cours") if commence else ("a_faire", "À commencer")
    return {"nom": nom, "url": url, "etat": etat, "mot": mot, "meta": meta}


def _tache_d_axe(cotation, noms):
    avant = cotation.entree.criticite if cotation.entree else None
    dit = f"Entrée : {avant} · {noms[avant].libelle}." if avant is not None else "Non coté à l’entrée."
    if cotation.criticite is not None:
        dit += f" Sortie : {cotation.criticite} · {noms[cotation.criticite].libelle}."
    if cotation.criticite is not None and not cotation.personne_entendue:
        dit += " Le niveau de la personne n’est pas noté."
    url = reverse("sorties:recoter", args=[cotation.uuid])
    commence = cotation.criticite is not None or cotation.personne_entendue
    return _tache(cotation.axe.libelle, url, fait=cotation.est_complete, commence=commence, meta=dit)


def _tache_du_cadre(sortie):
    motif = sortie.motif_en_clair
    fait = bool(motif) and sortie.evaluateur_identique is not None
    url = reverse("sorties:cadre", args=[sortie.uuid])
    return _tache("Motif et évaluateur", url, fait=fait, commence=bool(motif), meta=motif)


def _tache_des_risques(sortie, lu):
    exiges = [du for du in lu["dus"] if du.exige]
    incomplets = [risque for risque in lu["risques"] if not risque.est_complet]
    url = reverse("sorties:risques", args=[sortie.uuid])
    morceaux = [compte(lu["risques"], "risque inscrit,risques inscrits")] if lu["risques"] else []
    morceaux += [compte(exiges, "risque dû,risques dus")] if exiges else []
    morceaux += [compte(incomplets, "incomplet,incomplets")] if incomplets else []
    meta = f"{', '.join(morceaux)}." if morceaux else "Aucun risque dû pour l’instant."
    cotes = all(c.criticite is not None for c in lu["cotations"])
    fait = cotes and not exiges and not incomplets
    return _tache("Risques résiduels et relais", url, fait=fait, commence=bool(lu["risques"]), meta=meta)


def _tache_de_parole(sortie):
    url = reverse("sorties:parole", args=[sortie.uuid])
    meta = "Son désaccord est noté." if sortie.desaccord_de_la_personne else ""
    if sortie.sans_parole:
        meta = "Elle n’a pas souhaité s’exprimer."
    fait = bool(sortie.parole_de_la_personne or sortie.sans_parole)
    return _tache("Parole de la personne", url, fait=fait, commence=bool(meta), meta=meta)


def _tache_de_remise(sortie):
    url = reverse("sorties:remise", args=[sortie.uuid])
    return _tache("Remis à la personne", url, fait=bool(sortie.remis_a_la_personne), meta=", ".join(copies(sortie)))


def _tache_de_relecture(sortie, manques, a_finir):
    tache = {"nom": "Relire et valider", "url": reverse("sorties:relire", args=[sortie.uuid]), "etat": "ici"}
    if not manques:
        return tache | {"mot": "Possible", "meta": "Tout est rempli : relisez avec la personne, puis validez."}
    absents = [f"{en_lettres(len(a_finir))} axe{'s' if len(a_finir) > 1 else ''}"] if a_finir else []
    absents += [mot for lieu, mot in MOTS.items() if any(m.lieu == lieu for m in manques)]
    absents += ["des risques ou leur relais"] if any(isinstance(m.lieu, RisqueDu | Risque) for m in manques) else []
    tout = absents[0] if len(absents) == 1 else f"{', '.join(absents[:-1])} et {absents[-1]}"
    return tache | {"mot": "Incomplet", "ton": "sand", "meta": f"Il manque {tout}."}


def copies(sortie):
    """Libellés des copies remises."""
    libelles = dict(sortie.Remis.choices)
    return [libelles[valeur] for valeur in sortie.remis_a_la_personne]


# --- La page d'un axe


def page_d_axe(cotation, cartes):
    """L'entrée à côté de la question : niveaux d'alors, mots, facteurs ; et où en sont les autres axes."""
    autres = cotation.sortie.par_axe()
    ici = next(c for c in autres if c.pk == cotation.pk)
    noms, entree = {carte["valeur"]: carte["libelle"] for carte in cartes}, ici.entree
    return {
        "cotation": cotation,
        "entree": entree,
        "entree_nom": noms.get(entree.criticite, "") if entree else "",
        "facteurs": _facteurs_lisibles(cotation.sortie, entree) if entree else [],
        "valide_le": cotation.sortie.entree.valide_le,
        "autres": [_avancement(c, cotation) for c in autres],
        "rang": autres.index(ici) + 1,
        "suivante": (apres := suivante(cotation, autres)),
        "suivante_pourquoi": _pas_fini(apres) if apres else "",
        "pas_fini": _pas_fini(ici),
    }


def _facteurs_lisibles(sortie, entree):
    """Les facteurs retenus sur l'axe ; sans accord, celui qui révèle la santé ne se nomme pas (`facteur.est_tu`)."""
    retenus = list(entree.facteurs.select_related("facteur"))
    lisibles([retenu.facteur for retenu in retenus], sortie.parcours, taire=taire_le_facteur)
    return retenus


def _avancement(autre, cotation):
    ici = autre.pk == cotation.pk
    commence = autre.criticite is not None or autre.personne_entendue
    mot = "Cette page" if ici else "Terminé" if autre.est_complete else "À compléter" if commence else "À commencer"
    return {"nom": autre.axe.libelle, "ici": ici, "fini": autre.est_complete, "mot": mot}


def suivante(cotation, autres=None):
    """Le premier axe à terminer après celui-ci ; à défaut le premier resté en arrière, ou None."""
    autres = cotation.sortie.par_axe() if autres is None else autres
    rang = [c.pk for c in autres].index(cotation.pk)
    return next((c for c in autres[rang + 1 :] + autres[:rang] if not c.est_complete), None)


def _pas_fini(cotation):
    """Ce qui manque à un axe déjà commencé, en une phrase ; vide s'il est vierge ou terminé."""
    if cotation.criticite is None and not cotation.personne_entendue:
        return ""
    return " ".join(texte.partition(" : ")[2].capitalize() for texte in cotation.manques())


def niveaux(cotation):
    """Les cinq cartes, avec la phrase de l'axe."""
    return cartes_de_niveau(cotation)


# --- Les risques


def page_des_risques(sortie):
    """Les risques inscrits et ceux qui sont dus ou proposés."""
    lu = lire(sortie)
    return {
        "risques": lu["risques"],
        "dus": [{"du": du, "url": _inscrire(sortie, du)} for du in lu["dus"]],
        "a_coter": sum(c.criticite is None for c in lu["cotations"]),
    }


def _inscrire(sortie, du):
    """L'adresse où inscrire ce risque ; celle des accords quand il faut d'abord celui de la personne."""
    if du.est_tu:
        return reverse("parcours:accords", args=[sortie.parcours.uuid])
    origine = f"demarche={du.action.uuid}" if du.action else f"axe={du.axe.code}"
    if du.facteur:
        origine = f"facteur={du.facteur.code}"
    return f"{reverse('sorties:inscrire_risque', args=[sortie.uuid])}?{origine}"


def depart(sortie, demande):
    """Ce que la page d'un risque propose d'avance, d'après la démarche, le facteur ou l'axe d'où l'on vient."""
    lu = lire(sortie)
    commun = {"sensible": lu["sensible"]}
    for du in lu["dus"]:
        if du.action and str(du.action.uuid) == demande.get("demarche"):
            relais = {"relais": du.action.ns4_relais, "suite": "relais"} if du.action.ns4_relais else {}
            return {"initial": {"action": du.action.uuid, "facteur": du.action.facteur_id} | relais, "du": du} | commun
        if du.facteur and du.facteur.code == demande.get("facteur"):
            return {"initial": {"facteur": du.facteur.pk}, "du": du} | commun
        if not du.action and not du.facteur and du.axe.code == demande.get("axe"):
            return {"initial": {"facteur": _facteur_de(sortie, du.axe)}, "du": du} | commun
    return {"initial": {}, "du": None} | commun


def _facteur_de(sortie, axe):
    return sortie.facteurs_constates().filter(axe=axe).values_list("pk", flat=True).first()


# --- La relecture


def relecture(sortie):
    """Le bilan entier à lire : avant et après, démarches, risques, parole, et ce qui manque avec où le compléter."""
    lu = lire(sortie)
    return {
        "evolution": _evolution(lu["cotations"], lu["noms"]),
        "paroles": [c for c in lu["cotations"] if c.parole],
        "ecarts": [c for c in lu["cotations"] if _diverge(c)],
        "risques": lu["risques"],
        "dus": [du for du in lu["dus"] if du.exige or du.facteur],
        "a_coter": sum(c.criticite is None for c in lu["cotations"]),
        "actions": lisibles(sortie.parcours.intervention.actions.pour_page(), sortie.parcours, sensible=lu["sensible"]),
        "copies": copies(sortie),
        "manques": [{"texte": m.texte, "url": _ou_completer(sortie, m.lieu)} for m in lu["manques"]],
        "entree": sortie.entree,
    }


def _diverge(cotation):
    return cotation.criticite_de_la_personne not in (None, cotation.criticite)


def _evolution(cotations, noms):
    """Radar et tableau : l'entrée en creux et pointillé, la sortie pleine ; jamais un total."""
    entrees = [c.entree.criticite if c.entree else None for c in cotations]
    sorties = [c.criticite for c in cotations]
    series = [{"nom": "Entrée", "valeurs": entrees, "creux": True}, {"nom": "Sortie", "valeurs": sorties}]
    paires = list(zip(cotations, entrees, sorties, strict=True))
    return {
        "g": graphiques.radar([NOMS_COURTS.get(c.axe.code, c.axe.libelle) for c in cotations], series),
        "colonnes": ["Entrée", "Sortie"],
        "lignes": [
            {
                "nom": c.axe.libelle,
                "cotes": [_cote(avant, noms), _cote(apres, noms)],
                "ecart": None if None in (avant, apres) else apres - avant,
            }
            for c, avant, apres in paires
        ],
    }


def _cote(valeur, noms):
    return {"valeur": valeur, "mot": "" if valeur is None else noms[valeur].libelle}


def _ou_completer(sortie, lieu):
    """L'adresse où compléter ce qui manque."""
    if isinstance(lieu, CotationSortie):
        return reverse("sorties:recoter", args=[lieu.uuid])
    if isinstance(lieu, Risque):
        return reverse("sorties:risque", args=[lieu.uuid])
    if isinstance(lieu, RisqueDu):
        return _inscrire(sortie, lieu)
    return reverse(f"sorties:{lieu}", args=[sortie.uuid])


def validation(sortie):
    """La page qui confirme : le verbe, et ce qui suit en chiffres et en phrases."""
    return {
        "titre": "Valider le bilan et clore le parcours",
        "consequences": _consequences(sortie),
        "bouton": "Valider et clore le parcours",
    }


def _consequences(sortie):
    return [
        {"texte": "Le parcours est clos et figé : plus rien ne s’y modifie. Une correction s’écrit en additif."},
        {"texte": "L’intervention se termine, et ses échéances sont levées."},
        *_ce_qui_reste(sortie.liste_des_risques()),
        {"texte": "Le « Bilan de sécurisation du parcours » est produit (PDF) ; sa page s’ouvre ensuite."},
    ]


def _ce_qui_reste(risques):
    """Combien partent avec un relais, combien sont assumés ; une ligne à zéro ne s'écrit pas."""
    if not risques:
        return [{"texte": "Le bilan ne laisse aucun risque résiduel."}]
    assumes = sum(risque.assume for risque in risques)
    relayes = len(risques) - assumes
    parts = (
        "risques partent avec un relais nommé, qui a confirmé."
        if relayes > 1
        else "risque part avec un relais nommé, qui a confirmé."
    )
    tenus = "risques sont assumés, avec leur motif." if assumes > 1 else "risque est assumé, avec son motif."
    return [{"chiffre": n, "texte": texte} for n, texte in ((relayes, parts), (assumes, tenus)) if n]


def document(sortie):
    """Le dernier bilan demandé, ou None."""
    return sortie.parcours.documents.filter(genre="bilan").order_by("-edition").first()
