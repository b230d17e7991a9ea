"""Charger le référentiel livré : créer, mettre à jour, fermer, et garder ce que l'association a corrigé."""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models, transaction

from securisation.annuaire import models as annuaire
from securisation.annuaire.querysets import A_RELIRE
from securisation.socle.horloge import aujourd_hui
from securisation.socle.journal import inscrire

ICI = Path(__file__).resolve().parent
DOSSIERS = (ICI / "referentiel", ICI / "territoire")

# L'ordre suit les renvois : un axe avant ses facteurs, un facteur avant ses suites.
FICHIERS = {
    "axes": annuaire.Axe,
    "criticites": annuaire.Criticite,
    "ancrages": annuaire.Ancrage,
    "facteurs": annuaire.Facteur,
    "liens_domino": annuaire.LienDomino,
    "leviers": annuaire.Levier,
    "modes_d_action": annuaire.ModeAction,
    "issues_de_demarche": annuaire.IssueDemarche,
    "motifs_de_sortie": annuaire.MotifSortie,
    "motifs_non_sollicitation": annuaire.MotifNonSollicitation,
    "non_substitution": annuaire.QuestionNonSubstitution,
    "risques_residuels": annuaire.RisqueResiduel,
    "origines": annuaire.Origine,
    "publics": annuaire.Public,
    "finalites_de_consentement": annuaire.Finalite,
    "roles_dans_le_parcours": annuaire.RoleParcours,
    "modeles_de_courrier": annuaire.ModeleCourrier,
    "objectifs_praps": annuaire.ObjectifPraps,
    "actions_collectives": annuaire.ActionCollective,
    "departements": annuaire.Departement,
}
CODES = {
    annuaire.Criticite: lambda ligne: ligne["niveau"],
    annuaire.Ancrage: lambda ligne: f"{ligne['axe']}-N{ligne['niveau']}",
    annuaire.ObjectifPraps: lambda ligne: ligne["numero"],
}


class ReferentielIllisible(Exception):
    """Un fichier absent ou une ligne que le modèle refuse ; le message dit le fichier et la ligne."""


@dataclass
class Bilan:
    """Ce qu'un chargement a fait d'une nomenclature : des codes, jamais de simples comptes."""

    crees: list = field(default_factory=list)
    mis_a_jour: list = field(default_factory=list)
    fermes: list = field(default_factory=list)
    gardes: list = field(default_factory=list)
    inchanges: list = field(default_factory=list)

    def comptes(self):
        """Nombre de codes par sort, dans l'ordre de lecture."""
        return {sort: len(codes) for sort, codes in vars(self).items()}


@transaction.atomic
def charger(dossiers=DOSSIERS):
    """Charge tous les fichiers ou rien ; rend {nom de fichier: Bilan}. Relancer ne change plus rien."""
    bilans = {nom: charger_fichier(modele, trouver(nom, dossiers)) for nom, modele in FICHIERS.items()}
    bilans["textes_d_accord"] = charger_textes(trouver("textes_d_accord", dossiers))
    changes = {nom: bilan.comptes() for nom, bilan in bilans.items() if bilan.crees or bilan.mis_a_jour or bilan.fermes}
    if changes:
        inscrire("référentiel chargé", nomenclatures=changes)
    return bilans


def charger_textes(chemin):
    """Ajoute les textes livrés qui manquent. Publiés d'office, sauf là où l'association a écrit le sien : elle décide."""
    bilan, textes = Bilan(), annuaire.TexteAccord.objects
    for rang, ligne in enumerate(lire(chemin), start=2):
        finalite = annuaire.Finalite.objects.filter(code=ligne["finalite"]).first()
        if finalite is None:
            raise ReferentielIllisible(
                f"{chemin.name}, ligne {rang} : la finalité « {ligne['finalite']} » n'existe pas."
            )
        if textes.filter(finalite=finalite, texte=ligne["texte"]).exists():
            bilan.inchanges.append(finalite.code)
            continue
        texte = annuaire.TexteAccord(finalite=finalite, texte=ligne["texte"], propre_a_l_association=False)
        texte.save()
        if not textes.filter(finalite=finalite, propre_a_l_association=True, publie_le__isnull=False).exists():
            texte.publier()
        bilan.crees.append(finalite.code)
    return bilan


def trouver(nom, dossiers):
    """Le fichier de cette nomenclature, dans le premier dossier qui l'a."""
    for dossier in dossiers:
        chemin = Path(dossier) / f"{nom}.csv"
        if chemin.is_file():
            return chemin
    raise ReferentielIllisible(f"Le fichier {nom}.csv manque au référentiel.")


def charger_fichier(modele, chemin):
    """Charge une nomenclature et ferme les codes qui n'y sont plus."""
    bilan, presents = Bilan(), {objet.code: objet for objet in modele.objects.all()}
    for ordre, ligne in enumerate(lire(chemin), start=1):
        try:
            code, valeurs = convertir(modele, ligne)
            charger_ligne(presents.pop(code, None) or modele(code=code), valeurs | {"ordre": ordre}, bilan)
        except (KeyError, ValueError, models.ObjectDoesNotExist, ValidationError) as erreur:
            raise ReferentielIllisible(f"{chemin.name}, ligne {ordre + 1} : {en_clair(erreur)}") from erreur
    for objet in presents.values():
        fermer(objet, bilan)
    return bilan


def lire(chemin):
    """Lignes d'un CSV, espaces retirés ; une ligne trop courte ou trop longue est refusée."""
    with chemin.open(encoding="utf-8", newline="") as flux:
        for ligne in csv.DictReader(flux):
            if None in ligne or None in ligne.values():
                raise ReferentielIllisible(f"{chemin.name} : une ligne n'a pas le bon nombre de colonnes ({ligne}).")
            yield {cle.strip(): valeur.replace("**", "").strip() for cle, valeur in ligne.items()}


def convertir(modele, ligne):
    """Le code et les valeurs typées d'une ligne de CSV."""
    code = CODES.get(modele, lambda ligne: ligne["code"])(ligne)
    if not code:
        raise ValueError("le code est vide.")
    valeurs = {}
    for nom, texte in ligne.items():
        if nom != "code":
            valeurs[nom] = valeur_typee(modele._meta.get_field(nom), texte)
    if modele is annuaire.Criticite:
        valeurs["delai_jours"] = jours(ligne["delai_action"])
    if modele is annuaire.ObjectifPraps:
        valeurs["reserve"] = ligne["rattachable_a_un_parcours"].partition(":")[2].strip()
    return code, valeurs


def valeur_typee(champ, texte):
    """Lit « oui », une liste de codes, un entier ou un renvoi selon le champ du modèle."""
    if isinstance(champ, models.BooleanField):
        if texte.split(" ")[0] not in ("oui", "non"):
            raise ValueError(f"« {texte} » n'est ni oui ni non ({champ.name}).")
        return texte.startswith("oui")
    if isinstance(champ, models.ForeignKey):
        return champ.related_model.objects.get(code=texte)
    if champ.get_internal_type() == "ArrayField":
        return texte.split()
    if champ.null and not texte:
        return None
    return champ.to_python(texte)


def jours(delai):
    """Le dernier nombre du délai, en jours : « ≤ 30 j » 30, « 24-72 h » 3, « sans délai » et « veille » rien."""
    nombre = re.search(r"(\d+) ([jh])$", delai)
    if nombre is None:
        return None
    return int(nombre[1]) if nombre[2] == "j" else int(nombre[1]) // 24


def charger_ligne(objet, valeurs, bilan):
    """Pose ces valeurs sur l'objet, sauf celles que l'association a corrigées."""
    neuf = objet.pk is None
    differents = {nom for nom, valeur in valeurs.items() if neuf or getattr(objet, nom) != valeur}
    if objet.propre_a_l_association:
        objet.champs_corriges = sorted({*objet.champs_corriges, *differents - {"ordre"}})
        objet.propre_a_l_association, differents = False, differents | {"propre_a_l_association"}
    if not neuf and objet.ferme_le and "ferme_le" not in objet.champs_corriges:
        valeurs, differents = valeurs | {"ferme_le": None}, differents | {"ferme_le"}
    gardes = differents & set(objet.champs_corriges)
    poses = differents - gardes
    rendre_a_la_relecture(objet, valeurs, poses, gardes)
    if neuf or poses:
        for nom in poses & valeurs.keys():
            setattr(objet, nom, valeurs[nom])
        objet.full_clean()
        objet.save()
    sort = bilan.crees if neuf else bilan.mis_a_jour if poses else bilan.inchanges
    sort.append(objet.code)
    if gardes - {"relecture"}:
        bilan.gardes.append(objet.code)


def rendre_a_la_relecture(objet, valeurs, poses, gardes):
    """Une ligne relue dont le texte livré change est à relire de nouveau."""
    if "relecture" in gardes and poses - {"ordre", "propre_a_l_association"} and valeurs["relecture"] == A_RELIRE:
        objet.champs_corriges = [nom for nom in objet.champs_corriges if nom != "relecture"]
        objet.relu_le = objet.relu_par = None
        gardes.discard("relecture")
        poses.add("relecture")


def fermer(objet, bilan):
    """Ferme un code retiré du référentiel ; les codes ajoutés par l'association restent ouverts."""
    if objet.propre_a_l_association or objet.ferme_le or "ferme_le" in objet.champs_corriges:
        bilan.inchanges.append(objet.code)
        return
    objet.ferme_le = aujourd_hui()
    objet.save()
    bilan.fermes.append(objet.code)


def en_clair(erreur):
    """Ce qui n'allait pas dans une ligne, en une phrase."""
    if isinstance(erreur, ValidationError):
        return " ".join(erreur.messages)
    if isinstance(erreur, KeyError):
        return f"la colonne {erreur} manque."
    return str(erreur)
