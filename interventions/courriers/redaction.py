"""Ce que le dossier écrit lui-même d'un courrier : les mots d'un modèle, le destinataire, puis l'instantané que le document fige.

Un courrier ne porte ni facteur, ni niveau, ni note, ni mot du diagnostic. Une démarche qui révèle la santé n'y est pas nommée, et
l'équipe ne s'y montre qu'à un destinataire avec qui la personne accepte le partage.
"""

from django.db.models.fields.json import KT

from interventions import silences
from securisation.annuaire.models import ModeleCourrier, Structure
from securisation.documents.instantane import nom_court
from securisation.documents.models import Document, Etat
from securisation.parcours.models.accord import PARTAGE
from securisation.parcours.models.personne import cle_de_recherche
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_moyenne

GENRE = "courrier"
REFUS = "DEM-REF"  # seule issue dont la date est celle d'un refus
RELANCE = "relance"  # usage des modèles qui disent n'avoir rien reçu
A_COMPLETER = "[à compléter"
AU_PLUS = 8  # destinataires proposés ; un autre s'écrit


def modeles():
    """Les modèles ouverts, dans l'ordre du référentiel."""
    return ModeleCourrier.objects.ouverts()


def modeles_pour(action):
    """Ceux que l'on propose : pas de relance, « je n'ai pas reçu de réponse », quand une réponse est notée."""
    return modeles().exclude(usage=RELANCE) if action.a_une_reponse else modeles()


def modele_de(code):
    """Le modèle ouvert de ce code, ou None."""
    return modeles().filter(code=code).first()


def structures_de(action):
    """Les structures ouvertes qui portent le levier de la démarche, par nom : celles du département de la personne s'il y en a."""
    ouvertes = Structure.objects.filter(leviers=action.levier_id, fermee_le=None)
    departement = action.intervention.parcours.personne.code_postal[:2]
    proches = list(ouvertes.filter(code_postal__startswith=departement)[:AU_PLUS]) if departement else []
    return proches or list(ouvertes[:AU_PLUS])


def ecrits(action):
    """Les courriers déjà écrits pour cette démarche, du plus récent au plus ancien : {uuid, numero, etat, demande_le, objet}."""
    siens = Document.objects.filter(parcours=action.intervention.parcours, genre=GENRE, pour=str(action.uuid))
    lus = siens.annotate(objet=KT("donnees__objet")).order_by("-demande_le")
    return [d | {"mot": Etat(d["etat"]).label} for d in lus.values("uuid", "numero", "etat", "demande_le", "objet")]


def brouillon(action, modele, structure):
    """Les valeurs de départ du formulaire : tout ce que le dossier sait, rien à retaper."""
    objet, corps = modele.remplir(_valeurs(action, structure))
    personne = action.intervention.parcours.personne
    return {
        "destinataire": "\n".join(_adresse(action, structure)),
        "objet": objet,
        "texte": corps,
        "lieu": personne.commune,
    }


def _adresse(action, structure):
    if structure is None:
        return [nom_court(action.levier.libelle)]
    ville = f"{structure.code_postal} {structure.commune}".strip()
    return [ligne for ligne in (structure.nom, structure.adresse, ville) if ligne]


def _valeurs(action, structure):
    silence, regle = action.silence, silences.regle_du_levier(action.levier)
    return {
        "personne": action.intervention.parcours.personne.appellation,
        "destinataire": structure.nom if structure else nom_court(action.levier.libelle),
        "demande": _demande(action),
        "date_demande": date_moyenne(action.ns2_sollicite_le),
        "date_reponse": date_moyenne(action.issue_le) if action.issue and action.issue.code == REFUS else "",
        "delai": f"{regle.mois} mois" if regle else "",
        "source": action.levier.silence_source,
        "effet": silence.effet if silence and silence.a_pris_effet else "",
        "date_silence": date_moyenne(silence.effet_le) if silence and silence.a_pris_effet else "",
        "dernier_jour": date_moyenne(silence.contester_avant) if silence else "",
    }


def _demande(action):
    """L'objet de la demande ; celle qui révèle la santé n'est dite que par sa date."""
    if not action.revele_la_sante:
        return action.intitule
    return f"ma demande du {date_moyenne(action.ns2_sollicite_le)}" if action.ns2_sollicite_le else "ma demande"


def partage_permis(parcours, destinataire):
    """Vrai si un accord de partage en cours nomme ce destinataire (première ligne de l'adresse), accents et casse à part."""
    premiere = cle_de_recherche(destinataire.strip().partition("\n")[0])
    nommes = parcours.accords.en_cours().filter(finalite__code=PARTAGE).values_list("partenaire", flat=True)
    return bool(premiere) and any(cle_de_recherche(nom) == premiere for nom in nommes)


def instantane(action, *, par, destinataire, objet, texte, lieu, avec_adresse, avec_equipe):
    """L'instantané `courrier/1`, sans son bloc `document` : ce qui se lit sur le papier, et rien d'autre."""
    parcours = action.intervention.parcours
    equipe = {"nom": parcours.equipe.nom, "association": parcours.equipe.association, "qui": par.nom_complet}
    return {
        "schema": "courrier/1",
        "reserve": action.revele_la_sante,
        "parcours": {"numero": parcours.numero},
        "personne": {"nom": parcours.personne.appellation, "adresse": _chez(parcours.personne) if avec_adresse else []},
        "destinataire": [ligne.strip() for ligne in destinataire.splitlines() if ligne.strip()],
        "lieu": lieu,
        "le": horloge.aujourd_hui().isoformat(),
        "objet": objet,
        "texte": texte,
        "equipe": equipe if avec_equipe else None,
    }


def _chez(personne):
    ville = f"{personne.code_postal} {personne.commune}".strip()
    return [ligne for ligne in (personne.adresse, ville) if ligne]
