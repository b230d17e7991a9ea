"""Ce que la page des accords montre : l'état de chaque finalité, sa preuve, son texte, ses suites, en mots."""

from urllib.parse import urlencode

from django.urls import reverse

from securisation.annuaire.models import Finalite
from securisation.annuaire.presentation import NOMS_COURTS
from securisation.parcours.models import Parcours, Personne
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import compte, date_moyenne

NOMS = {
    "INFORMATION": "information remise",
    "ADHESION": "adhésion au dispositif",
    "PARTAGE": "partage",
    "SENSIBLE": "données sensibles",
    "CONTACT": "contact",
    "STATISTIQUES": "statistiques",
    "PAROLE": "une phrase dans un rapport",
}
CANAUX = dict(Personne.Canal.choices)
PLUSIEURS = ("PARTAGE", "CONTACT")  # un accord par destinataire, un par canal
ICONES = {"green": "circle-check", "amber": "alert-circle", "red": "ban", "": "circle-dashed"}


def phrase_de_fin(accord):
    """« L'accord de partage avec la CAF finit le 3 décembre 2026 »."""
    nom = {
        "ADHESION": "L'adhésion au dispositif",
        "PARTAGE": f"L'accord de partage avec {accord.partenaire}",
        "CONTACT": f"L'accord de contact par {accord.canal}",
        "SENSIBLE": "L'accord sur les données sensibles",
    }.get(accord.finalite.code, f"L'accord « {accord.finalite.libelle} »")
    return f"{nom[:150]} finit le {date_moyenne(accord.jusqu_au)}"


def nom_complet(accord):
    """« partage avec la CAF », « contact par SMS », « adhésion au dispositif »."""
    nom = NOMS.get(accord.finalite.code) or accord.finalite.libelle.split(":")[0].split("(")[0].strip()
    qui = {"PARTAGE": f" avec {accord.partenaire}", "CONTACT": f" par {accord.canal}"}
    return nom + qui.get(accord.finalite.code, "")


def page_des_accords(parcours, par):
    """Contexte de la page : sept finalités, chacune avec son état, ses accords en cours et les anciens."""
    peut = {
        mot: Parcours.autorise(par, mot, parcours)
        for mot in ("recueillir_accord", "retirer_accord", "inviter_partenaire")
    }
    peut["recueillir_accord"] &= not parcours.est_fige
    peut["lire_la_preuve"] = Parcours.autorise(par, "telecharger_document", parcours)
    accords = list(parcours.accords.select_related("finalite", "texte").order_by("-le", "-pk"))
    rangs = [
        _finalite(finalite, [a for a in accords if a.finalite_id == finalite.pk], parcours, peut)
        for finalite in Finalite.objects.ouverts()
    ]
    return {"finalites": rangs, "peut": peut, "recueillis": bool(accords)}


def retour_du_recueil(parcours, envoyee):
    """Où ramène le recueil d'un accord : la page des accords si l'on en vient, sinon le parcours."""
    contexte = {"retour_url": parcours.get_absolute_url(), "retour": parcours.personne.appellation}
    if envoyee.get("retour") == "accords":
        contexte = {"retour_url": reverse("parcours:accords", args=[parcours.uuid]), "retour": "Accords"}
    return contexte | {"parcours": parcours}


def _finalite(finalite, accords, parcours, peut):
    en_cours = [a for a in accords if a.est_en_cours]
    for accord in accords:
        accord.parcours = parcours
    mot, ton = _etat(accords, en_cours)
    recueillir = reverse("parcours:recueillir_accord", args=[parcours.uuid])
    attendu = finalite.code in PLUSIEURS or not en_cours or any(a.finit_bientot for a in en_cours)
    return {
        "code": finalite.code,
        "nom": NOMS.get(finalite.code, finalite.libelle).capitalize(),
        "permet": finalite.permet or finalite.libelle,
        "validite": f"Vaut {compte(finalite.validite_jours, 'jour,jours')}" if finalite.validite_jours else "",
        "mot": mot,
        "ton": ton,
        "icone": ICONES[ton],
        "en_cours": [_ligne(a, peut) for a in en_cours],
        "anciens": [_ligne(a, peut) for a in accords if a not in en_cours],
        "recueillir": f"{recueillir}?{urlencode({'finalite': finalite.code, 'retour': 'accords'})}" if attendu else "",
        "verbe": "Renouveler" if en_cours and finalite.code not in PLUSIEURS else "Recueillir",
    }


def _etat(accords, en_cours):
    """L'état d'une finalité en un mot, et son ton : en cours, finit dans N jours, refusé, retiré, échu, jamais demandé."""
    if en_cours:
        if finissent := [a for a in en_cours if a.finit_bientot]:
            return _bientot(min(finissent, key=lambda a: a.jusqu_au)), "amber"
        return ("En cours" if len(en_cours) == 1 else f"{len(en_cours)} en cours"), "green"
    if not accords:
        return "Jamais demandé", ""
    return _fin(accords[0])


def _bientot(accord):
    """« Finit dans 12 jours »."""
    jours = (accord.jusqu_au - horloge.aujourd_hui()).days
    return f"Finit dans {compte(jours, 'jour,jours')}" if jours else "Finit aujourd’hui"


def _fin(accord):
    """Comment un accord qui ne court pas a cessé : (mot, ton)."""
    if not accord.accorde:
        return "Refusé", "red"
    if accord.retire_le:
        return "Retiré", "red"
    return "Échu", "amber"


def _ligne(accord, peut):
    """Un accord, prêt à écrire."""
    quoi = [NOMS_COURTS.get(code, code) for code in accord.axes] + accord.documents
    cours = accord.est_en_cours
    bientot = accord.finit_bientot and accord.finalite.code in PLUSIEURS  # seul, son état est déjà en tête
    # Échu, l'accord sensible se retire encore : c'est ce qui efface ce qu'il couvrait.
    garde = cours or (accord.finalite.code == "SENSIBLE" and accord.accorde and not accord.retire_le)
    retirable = garde and peut["retirer_accord"] and accord.finalite.code != "INFORMATION"
    a_joindre = cours and accord.mode == accord.Mode.ECRIT and not accord.preuve_sha256
    return {
        "titre": {"PARTAGE": accord.partenaire, "CONTACT": CANAUX.get(accord.canal, accord.canal)}.get(
            accord.finalite.code, ""
        ),
        "nom": nom_complet(accord),
        "quand": f"{'Recueilli' if accord.accorde else 'Refusé'} le {date_moyenne(accord.le)}",
        "fin": _duree(accord),
        "quoi": ", ".join(quoi),
        "preuve": _preuve(accord),
        "texte": accord.texte,
        "empreinte": accord.empreinte_du_texte[:12],
        "motif": accord.motif_du_retrait,
        "mot": _bientot(accord) if bientot else "" if cours else _fin(accord)[0],
        "ton": "amber" if bientot else "",
        "retirer": reverse("parcours:retirer_accord", args=[accord.uuid]) if retirable else "",
        "papier": reverse("parcours:preuve", args=[accord.uuid])
        if accord.preuve_sha256 and peut["lire_la_preuve"]
        else "",
        "joindre": reverse("parcours:joindre_preuve", args=[accord.uuid])
        if a_joindre and peut["recueillir_accord"]
        else "",
    }


def _duree(accord):
    if accord.retire_le:
        return f"retiré le {date_moyenne(accord.retire_le)}"
    if accord.jusqu_au:
        return f"jusqu’au {date_moyenne(accord.jusqu_au)}"
    return "sans date de fin" if accord.accorde else ""


def _preuve(accord):
    """« Papier signé, joint », « Oral, devant un témoin : M. Petit », « avec un interprète en arabe »."""
    mot = dict(accord.Mode.choices).get(accord.mode, accord.mode)
    if accord.temoin:
        mot = f"{mot} : {accord.temoin}"
    if accord.mode == accord.Mode.ECRIT:
        mot += ", numérisé" if accord.preuve_sha256 else ", gardé au dossier papier"
    langue = f"avec un interprète en {accord.interprete}" if accord.interprete else ""
    return ", ".join(filter(None, [mot, langue]))
