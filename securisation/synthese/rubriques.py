"""Les rubriques de la page d'un parcours : axes, actions, dominos, frise, accords, entourage, documents."""

from django.urls import reverse

from diagnostics.dominos import court
from interventions.models import Piece
from securisation.annuaire.presentation import NOMS_COURTS
from securisation.documents.genres import genre
from securisation.documents.models import Etat
from securisation.parcours.models import Entourage
from securisation.socle import graphiques, horloge
from securisation.socle.templatetags.jalon import compte, date_breve, date_moyenne
from securisation.synthese.dossier import accord_en_cours

PIECES = 5  # sur la page d'un parcours ; le dossier en lit une de plus
CANAUX = {"téléphone": "phone", "SMS": "message", "visite": "home"}


def evolution(dossier):
    """Radar et tableau des cinq axes : entrée, et sortie quand elle est cotée. None tant que rien n'est coté."""
    cotes, mots = dossier["cotes"], dossier["niveaux"]
    if not any(c["entree"] is not None for c in cotes):
        return None
    a_sortie = any(c["sortie"] is not None for c in cotes)
    series = [{"nom": "Diagnostic", "valeurs": [c["entree"] for c in cotes], "creux": a_sortie}]
    if a_sortie:
        series.append({"nom": "Sortie", "valeurs": [c["sortie"] for c in cotes]})
    else:
        series[0]["nom"] = "Le professionnel"
        series.append({"nom": "La personne", "valeurs": [c["personne"] for c in cotes], "creux": True})
    lignes = [
        {
            "nom": c["libelle"],
            "cotes": [_cote(c["entree"], mots), _cote(c["sortie"] if a_sortie else c["personne"], mots)],
            "ecart": c["sortie"] - c["entree"] if a_sortie and None not in (c["sortie"], c["entree"]) else None,
        }
        for c in cotes
    ]
    return {
        "g": graphiques.radar([NOMS_COURTS.get(c["code"], c["libelle"]) for c in cotes], series),
        "lignes": lignes,
        "colonnes": ["Diagnostic", "Sortie"] if a_sortie else ["Le professionnel", "La personne"],
        "comparable": a_sortie,
        "simple": not a_sortie,
    }


def _cote(valeur, mots):
    return {"valeur": valeur, "mot": "" if valeur is None else mots[str(valeur)]}


def actions(parcours, dossier):
    """Les actions, ouvertes d'abord ; un parcours figé n'a plus de retard."""
    if not dossier["intervention"]:
        return []
    jour, rendu = horloge.aujourd_hui(), []
    for a in dossier["intervention"]["actions"]:
        close, attendue = a["etat"] == "close", a["reponse_attendue_le"]
        retard = not close and attendue and attendue < jour and not parcours.est_fige
        quand = f"le {date_breve(a['issue_le'])}" if a["issue_le"] else ""
        if not close and attendue and not parcours.est_fige:
            quand = f"réponse attendue le {date_breve(attendue)}"
        rendu.append(
            {
                "uuid": a["uuid"],
                "quoi": a["intitule"],
                "meta": " · ".join(mot for mot in (a["axe"], quand) if mot),
                "icone": "circle-check"
                if close
                else "alert-circle"
                if retard
                else "clock"
                if attendue
                else "circle-dashed",
                "close": close,
                "retard": retard,
                "mot": "En retard" if retard else (a["issue"] or "En cours").split(" (")[0].split(" : ")[0],
            }
        )
    return rendu


def domino(dossier):
    """Image et phrases des enchaînements retenus, ou None."""
    liens = dossier["dominos"]
    if not liens:
        return None
    noeuds = {}
    for lien in liens:
        noeuds.setdefault(lien["de"], {"cle": lien["de"], "titre": court(lien["de_libelle"])})
        noeuds.setdefault(lien["vers"], {"cle": lien["vers"], "titre": court(lien["vers_libelle"])})
    g = graphiques.domino(list(noeuds.values()), [(lien["de"], lien["vers"]) for lien in liens], graphviz="")
    phrases = [
        {"texte": f"{court(li['de_libelle'])} peut mener à\u00a0: {_bas(li['vers_libelle'])}.", "ton": "run"}
        for li in liens
    ]
    return {"g": g, "phrases": phrases}


def _bas(libelle):
    """Le libellé court en cours de phrase : minuscule initiale, sauf sigle."""
    mot = court(libelle)
    return mot if mot[:2].isupper() else mot[:1].lower() + mot[1:]


def frise(parcours, dossier):
    """Les derniers faits du parcours, du plus récent au plus ancien."""
    faits = list(_faits_de_l_entree(parcours, dossier))
    faits += _faits_des_accords(dossier["accords"])
    faits += [
        (d["valide_le"], "Diagnostic validé", f"Version {d['rang']}", "clipboard-list", "done")
        for d in dossier["diagnostics"]
        if d["valide_le"]
    ]
    for c in dossier["contacts"]:
        qui = "à son initiative" if c["de_la_personne"] else f"par {c['qui']}"
        faits.append((c["le"], f"Contact ({c['canal']}), {qui}", c["note"], CANAUX.get(c["canal"], "mail"), ""))
    faits += _faits_de_l_intervention(dossier["intervention"])
    faits += _faits_des_documents(dossier["documents"])
    faits += _faits_de_la_fin(parcours, dossier)
    faits.reverse()  # le même jour, le dernier dit d'abord
    faits.sort(key=lambda fait: fait[0], reverse=True)
    return [
        {
            "titre": t,
            "meta": date_moyenne(le).capitalize(),
            "texte": texte,
            "icone": ico,
            "ton": ton,
            "url": "".join(url),
        }
        for le, t, texte, ico, ton, *url in faits[:8]
    ]


def _faits_de_l_entree(parcours, dossier):
    d_ou = " · ".join(mot for mot in (dossier["origine"], parcours.orienteur) if mot)
    yield parcours.recue_le, "Demande reçue", d_ou, "inbox", "sand"
    if q := dossier["qualification"]:
        dit = "Admission faite" if q["decision"] == "admise" else "Non-admission, orientation proposée"
        yield q["le"], dit, q["motif"], "clipboard-check", "done"


def _faits_de_la_fin(parcours, dossier):
    if (s := dossier["sortie"]) and s["validee_le"]:
        yield s["validee_le"], "Sortie validée", "", "flag", "done"
    if parcours.motif_interruption:
        motif = parcours.get_motif_interruption_display().lower()
        yield parcours.clos_le, f"Parcours interrompu : {motif}", parcours.precisions_interruption, "hand-stop", "sand"


def _faits_des_accords(accords):
    for a in accords:
        mot, icone = ("Accord", "signature") if a["accorde"] else ("Refus", "ban")
        yield a["le"], f"{mot} : {_nom_accord(a)}", a["partenaire"], icone, ""
        if a["retire_le"]:
            yield a["retire_le"], f"Accord retiré : {_nom_accord(a)}", a["partenaire"], "share-off", ""


def _faits_de_l_intervention(i):
    if not i:
        return []
    faits = [(i["demarre_le"], f"Intervention ouverte pour {i['duree_jours']} jours", i["objectif"], "target", "done")]
    faits += [
        (a["issue_le"], f"{a['issue']} : {a['intitule']}", a["issue_note"], "circle-check", "")
        for a in i["actions"]
        if a["issue_le"]
    ]
    faits += [(s["du"], "Intervention suspendue", s["motif"], "player-pause", "sand") for s in i["suspensions"]]
    mots = {
        "approuvee": "Prolongation approuvée",
        "refusee": "Prolongation refusée",
        "demandee": "Prolongation demandée",
    }
    faits += [
        (
            p["decidee_le"] or p["demandee_le"],
            f"{mots[p['etat']]} ({p['jours']} jours)",
            p["motif"],
            "calendar-plus",
            "sand",
        )
        for p in i["prolongations"]
    ]
    return faits


def _faits_des_documents(documents):
    """Ce qui a été écrit ou demandé ; le diagnostic et le bilan se disent déjà par leur validation."""
    for d in documents:
        if d["genre"] not in ("diagnostic", "bilan"):
            titre = "Courrier écrit" if d["genre"] == "courrier" else f"Document demandé : {genre(d['genre']).libelle}"
            icone = "mail" if d["genre"] == "courrier" else "file-text"
            yield d["demande_le"], titre, d["numero"], icone, "", reverse("documents:suivi", args=[d["uuid"]])


def _nom_accord(accord):
    noms = {
        "INFORMATION": "information remise", "ADHESION": "adhésion au dispositif", "PARTAGE": "partage", "SENSIBLE": "données sensibles",
        "CONTACT": "contact", "STATISTIQUES": "statistiques", "PAROLE": "phrase dans un rapport",
    }  # fmt: skip
    return noms.get(accord["code"], accord["finalite"].split(":")[0].split("(")[0].strip())


def accords(dossier):
    """Les accords, en cours d'abord, avec ce qui les borne."""
    rendu = []
    for a in dossier["accords"]:
        cours = accord_en_cours(a)
        precisions = [
            a["partenaire"],
            ", ".join(NOMS_COURTS.get(c, c).lower() for c in a["axes"] or []),
            a["canal"],
            a["mode"],
        ]
        fin = (
            f"retiré le {date_moyenne(a['retire_le'])}"
            if a["retire_le"]
            else f"jusqu’au {date_moyenne(a['jusqu_au'])}"
            if a["jusqu_au"]
            else ""
        )
        rendu.append(
            {
                "uuid": a["uuid"],
                "nom": _nom_accord(a).capitalize(),
                "le": a["le"],
                "detail": " · ".join(mot for mot in (*precisions, fin) if mot),
                "en_cours": cours,
                "mot": "" if cours else "Terminé" if a["accorde"] else "Refusé",
                "retirable": cours and a["code"] != "INFORMATION",
            }
        )
    return sorted(rendu, key=lambda a: not a["en_cours"])


def autour(dossier):
    """Celles et ceux qui entourent la personne : professionnels, puis entourage."""
    places = dict(Entourage.Role.choices)
    professionnels = [{"nom": r["nom"], "role": r["role"]} for r in dossier["roles"]]
    return professionnels + [
        {"nom": e["nom"], "role": " · ".join(filter(None, [e["lien"].capitalize(), places.get(e["role"], "")]))}
        for e in dossier["entourage"]
    ]


def documents(dossier):
    """Les documents, les plus récents d'abord."""
    return [
        {
            "url": reverse("documents:suivi", args=[d["uuid"]]),
            "nom": genre(d["genre"]).libelle,
            "meta": " · ".join(
                m
                for m in (
                    d["numero"],
                    compte(d["pages"], "page,pages") if d["pages"] else "",
                    d["produit"] and f"le {date_moyenne(d['produit'])}",
                )
                if m
            ),
            "mot": Etat(d["etat"]).label,
            "ton": {"produit": "green", "echec": "red", "demande": "amber", "annule": "red"}.get(d["etat"], ""),
        }
        for d in dossier["documents"]
    ]


def pieces(dossier):
    """Les pièces jointes à montrer, la dernière reçue d'abord, et s'il y en a d'autres."""
    rendu = []
    for lue in dossier["pieces"][:PIECES]:
        piece = Piece(octets=lue["octets"], genre=lue["genre"], uuid=lue["uuid"])
        meta = (f"Reçue le {date_moyenne(lue['recue_le'])}", piece.poids, lue["demarche"])
        rendu.append(
            {
                "url": piece.get_absolute_url(),
                "icone": piece.icone,
                "nom": lue["intitule"],
                "meta": " · ".join(mot for mot in meta if mot),
            }
        )
    return {"lignes": rendu, "d_autres": len(dossier["pieces"]) > PIECES}
