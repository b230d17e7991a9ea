"""L'historique d'un parcours : qui a fait quoi, qui a vu, avant et après, lu dans le journal et l'historique qu'il scelle."""
# ruff: noqa: S608 (le SQL est composé des seuls noms de tables et de colonnes des modèles)

import datetime
import difflib
import json
import re
from dataclasses import dataclass, field
from functools import cache

from django.apps import apps
from django.db import connection
from django.utils.dateparse import parse_date, parse_datetime

from securisation.socle.templatetags.jalon import date_longue, date_moyenne, heure, moment
from securisation.socle.transitions import REGISTRE
from securisation.synthese.mots import PAGES, TRANSITIONS, acte_dit
from securisation.synthese.reserves import EVENEMENT, objets_tus

TAILLE = 50
ECRITURES, TOUT = "ecritures", "tout"
NATURES = {
    ECRITURES: ("Écritures", ["creation", "modification", "suppression"]),
    "lectures": ("Lectures", ["lecture", "telechargement", "coordonnees"]),
    TOUT: ("Tout", None),
}
VERBES = {"creation": "a ajouté", "modification": "a modifié", "suppression": "a retiré"}
VUS = {"lecture": "a ouvert", "telechargement": "a téléchargé"}
# Ce dont un événement parle : le premier de ces champs que l'objet porte et qui est rempli.
SUJETS = (
    "intitule",
    "risque",
    "facteur",
    "axe",
    "finalite",
    "vers",
    "user",
    "professionnel",
    "numero",
    "canal",
    "objectif",
    "motif",
    "nom",
    "genre",
    "origine",
    "terme",
    "jusqu_au",
    "texte",
)
TUS = {"id", "uuid", "version", "cree_le", "modifie_le", "cle", "cle_import", "echeance_tri"}
# Les coordonnées ne s'affichent qu'à la demande, inscrite au journal : l'historique dit seulement qu'elles ont changé.
COORDONNEES = {
    "parcours.personne": {"telephone", "courriel", "adresse"},
    "parcours.entourage": {"telephone"},
    "coordination.invitation": {"empreinte", "code"},
}
ABSENTE = "ligne d’historique absente"
LONG = 120
_MAILLONS = """
SELECT j.seq, j.quand, j.fait_le, j.action, j.motif, j.modele, j.charge, j.empreinte, u.prenom || ' ' || u.nom
  FROM socle_journal j LEFT JOIN comptes_professionnel u ON u.id = j.acteur
 WHERE j.chaine = %s AND j.seq < %s AND (%s::text[] IS NULL OR j.action = ANY(%s)) ORDER BY j.seq DESC LIMIT %s
"""
_ETATS = """
SELECT '{modele}', h.history_id, to_jsonb(h.*), to_jsonb(a.*) FROM {table} h
  LEFT JOIN LATERAL (SELECT * FROM {table} x WHERE x.id = h.id AND x.history_id < h.history_id ORDER BY x.history_id DESC LIMIT 1) a ON true
 WHERE h.history_id = ANY(%s)
"""


@dataclass
class Ecart:
    """Un événement prêt à écrire : qui, quand, quoi, et ce qui a changé."""

    seq: int
    quand: datetime.datetime
    fait_le: datetime.datetime | None
    action: str
    motif: str
    modele: str
    charge: dict
    maillon: str
    qui: str
    sujet: str = ""
    champs: list = field(default_factory=list)
    textes: list = field(default_factory=list)

    @property
    def jour(self):
        return date_longue(self.quand).capitalize()

    @property
    def heure(self):
        return heure(self.quand)

    @property
    def reprise(self):
        """Jour rejoué, quand l'acte a été repris d'un dossier passé."""
        return self.fait_le and date_moyenne(self.fait_le)

    @property
    def nature(self):
        """« w » écriture, « l » lecture, pour le dessin."""
        return "w" if self.action in VERBES else "l"

    @property
    def icone(self):
        return {"creation": "plus", "suppression": "trash", "telechargement": "download", "modification": "pencil"}.get(
            self.action, "eye"
        )

    @property
    def phrase(self):
        """« inscrit une action », dans les mots de sa transition ; à défaut « a modifié cette action »."""
        if dit := acte_dit(self.action, self.charge):
            return dit
        if self.action == "lecture" and (page := self.charge.get("page")):
            return f"{VUS[self.action]} {PAGES.get(page) or page_dite(page)}"
        if self.nature == "w" and (acte := _actes().get((self.modele, self.motif)) or _actes().get(self.motif)):
            return acte
        quoi = _modele(self.modele)._meta.verbose_name if self.modele else ""
        return f"{VERBES.get(self.action) or VUS.get(self.action, self.action)} {quoi}".strip()

    @property
    def detail(self):
        """Ce dont il s'agit : l'axe, le facteur, l'action."""
        return self.sujet


@cache
def _actes():
    """{(modèle, transition): le début de son docstring} ; sous la seule transition quand un seul modèle la porte."""
    dits, porteurs = {}, {}
    for regle in REGISTRE:
        dits[regle.modele.lower(), regle.nom] = _dire(regle.doc)
        porteurs.setdefault(regle.nom, set()).add(_dire(regle.doc))
    return dits | {nom: phrases.pop() for nom, phrases in porteurs.items() if len(phrases) == 1} | TRANSITIONS


def _dire(doc):
    """« Inscrit une action, avant… » → « inscrit une action » ; une phrase entière (« La sortie est ouverte ») suit deux points."""
    debut = re.split(r" ; | : |, | \(|\n", doc)[0].rstrip(".")
    debut = debut[:1].lower() + debut[1:]
    return f": {debut}" if re.match(r"(le|la|une?|ses|tout|trop) |l'", debut) else debut


def page_dite(page):
    """« la page « changer de titre » » : une page que la table ne connaît pas, par le nom de sa route."""
    return f"la page « {str(page).rsplit(':', 1)[-1].replace('_', ' ')} »"


def _modele(nom):
    return apps.get_model(nom)


def lire_historique(parcours, *, nature=TOUT, apres=None):
    """Au plus 50 événements du parcours, du plus récent au plus ancien, avant le rang `apres` ; et le rang suivant ou None."""
    actions = NATURES[nature][1]
    with connection.cursor() as curseur:
        curseur.execute(_MAILLONS, [parcours.pk, apres or 2**62, actions, actions, TAILLE + 1])
        ecarts = [_ecart(ligne) for ligne in curseur.fetchall()]
    suite = ecarts[TAILLE - 1].seq if len(ecarts) > TAILLE else None
    ecarts = ecarts[:TAILLE]
    comparer(ecarts)
    return ecarts, suite


def _ecart(ligne):
    seq, quand, fait_le, action, motif, modele, charge, empreinte, qui = ligne
    return Ecart(
        seq, quand, fait_le, action, motif, modele, en_json(charge), bytes(empreinte).hex()[:12], qui or "L’application"
    )


def comparer(ecarts):
    """Remplit avant et après de chaque écriture, en une requête pour la page, puis une pour les noms cités."""
    par_modele = {}
    for ecart in ecarts:
        if ecart.charge.get("effacee"):
            ecart.champs.append({"libelle": "Contenu", "efface": True})
        if "histoire" in ecart.charge:
            par_modele.setdefault(ecart.modele, []).append(ecart.charge["histoire"])
    if not par_modele:
        return
    # D'abord : ce qui s'efface entre les deux lectures est alors su réservé, ou déjà absent.
    tus = objets_tus(par_modele)
    requetes, valeurs = [], []
    for nom, lignes in par_modele.items():
        requetes.append(_ETATS.format(modele=nom, table=_modele(nom).history.model._meta.db_table))
        valeurs.append(lignes)
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(requetes), valeurs)
        etats = {
            (modele, numero): (en_json(apres), en_json(avant) or {})
            for modele, numero, apres, avant in curseur.fetchall()
        }
    noms = _noms_des_relations(etats)
    for ecart in ecarts:
        if "histoire" in ecart.charge:
            etat = etats.get((ecart.modele, ecart.charge["histoire"]))
            if etat is None:
                ecart.sujet = ABSENTE
            elif (ecart.modele, etat[0]["id"]) in tus:
                ecart.sujet = EVENEMENT
            else:
                _poser_les_champs(ecart, *etat, noms)


def en_json(valeur):
    """Une valeur JSON lue par un curseur, décodée."""
    return json.loads(valeur) if isinstance(valeur, str) else valeur


def _champs_lus(modele):
    return [
        champ
        for champ in modele._meta.concrete_fields
        if champ.name not in TUS and champ.name not in getattr(modele, "champs_calcules", ())
    ]


def _noms_des_relations(etats):
    """{(modèle lié, clé): nom lisible} pour les clés étrangères citées vers une nomenclature ou un professionnel."""
    cles = {}
    for (nom, _), couple in etats.items():
        for champ in _champs_lus(_modele(nom)):
            if champ.is_relation and hasattr(champ.related_model, "_meta"):
                for etat in couple:
                    if etat and etat.get(champ.column) is not None:
                        cles.setdefault(champ.related_model, set()).add(etat[champ.column])
    nommes = {modele: nom for modele in cles if (nom := _nom_en_sql(modele))}
    if not nommes:
        return {}
    requetes = [
        f"SELECT {rang}, id, {nom} FROM {modele._meta.db_table} WHERE id = ANY(%s)"
        for rang, (modele, nom) in enumerate(nommes.items())
    ]
    modeles = list(nommes)
    with connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(requetes), [list(cles[modele]) for modele in modeles])
        return {(modeles[rang], cle): nom for rang, cle, nom in curseur.fetchall()}


def _nom_en_sql(modele):
    """Expression SQL du nom lisible d'une nomenclature, d'un professionnel ou d'une équipe ; "" : rien à nommer."""
    if modele._meta.app_label not in ("annuaire", "comptes"):
        return ""
    champs = {champ.name for champ in modele._meta.concrete_fields}
    if "prenom" in champs:
        return "prenom || ' ' || nom"
    return next((nom for nom in (getattr(modele, "champ_libelle", "libelle"), "nom") if nom in champs), "")


def _poser_les_champs(ecart, apres, avant, noms):
    if ecart.action == "suppression":
        avant, apres = apres, {}
    ecart.sujet = _sujet(_modele(ecart.modele), apres or avant, noms)
    for champ in _champs_lus(_modele(ecart.modele)):
        ancien, nouveau = (_lisible(champ, etat.get(champ.column), noms) for etat in (avant, apres))
        if ancien == nouveau or (ecart.action == "creation" and not nouveau):
            continue
        if champ.name in COORDONNEES.get(ecart.modele, ()):
            ancien, nouveau = ancien and "masqué", nouveau and "modifié"
        libelle = str(champ.verbose_name).capitalize()
        if max(len(ancien), len(nouveau)) > LONG:
            ecart.textes.append({"libelle": libelle, "lignes": _par_ligne(ancien, nouveau)})
        else:
            ecart.champs.append({"libelle": libelle, "avant": ancien, "apres": nouveau})


def _sujet(modele, etat, noms):
    """Le premier champ parlant de l'objet, en mots ; rien quand le nom de l'acte suffit."""
    champs = {champ.name: champ for champ in _champs_lus(modele)}
    remplis = (_lisible(champs[nom], etat.get(champs[nom].column), noms) for nom in SUJETS if nom in champs)
    sujet = next(filter(None, remplis), "")
    if "finalite" in champs:
        sujet = re.split(r" : | \(|, ", sujet)[0]  # son libellé porte aussi ce qu'elle exige
    return sujet if len(sujet) <= LONG else f"{sujet[:LONG].rsplit(' ', 1)[0]}…"


def _lisible(champ, valeur, noms):
    """La valeur d'une colonne dans les mots de l'écran."""
    if valeur is None or valeur == "":
        return ""
    if champ.is_relation:
        return noms.get((champ.related_model, valeur)) or f"n° {valeur}"
    if champ.flatchoices:
        return str(dict(champ.flatchoices).get(valeur, valeur))
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, list):
        return ", ".join(map(str, valeur))
    genre = champ.get_internal_type()
    if genre == "DateField":
        return date_moyenne(parse_date(valeur))
    if genre == "DateTimeField":
        return moment(parse_datetime(valeur))
    return "données du document" if isinstance(valeur, dict) else str(valeur)


def _par_ligne(ancien, nouveau):
    genres = {"- ": "retire", "+ ": "ajoute", "  ": "meme"}
    return [
        {"genre": genres[ligne[:2]], "texte": ligne[2:]}
        for ligne in difflib.ndiff(ancien.splitlines(), nouveau.splitlines())
        if ligne[:2] in genres and ligne[2:].strip()
    ]
