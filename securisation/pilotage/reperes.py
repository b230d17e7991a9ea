"""Les noms propres qui feraient reconnaître quelqu'un dans une phrase : des personnes, des lieux, l'association, ses partenaires.

Un nom connu en base se cherche de trois façons : entier, partout ; un mot rare de ce nom, partout, quelle que soit sa casse ; un mot
courant (« deux », « petit », « changé »), seulement à sa majuscule, hors d'un début de phrase. Courant se lit d'un décompte de mots
français, livré (`vendor/pyspellchecker`). Ce qui dit une sorte de service (« Mairie », « Mission locale », « CCAS ») ne désigne personne.
"""

import gzip
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from interventions.models import Action
from securisation.annuaire.models import Departement, Epci, Structure
from securisation.annuaire.models.territoire import code_de_departement
from securisation.comptes.models import Equipe, Reglages
from securisation.parcours.models.personne import cle_de_recherche
from sorties.models import Risque

MOTS_FRANCAIS = Path(__file__).parent / "vendor" / "pyspellchecker" / "fr.json.gz"
COURANT = 150  # fois qu'un mot courant se lit au moins dans ce décompte ; « ricochet » cent, « deux » un demi-million
_MOT = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[,;:()/+\n]| [-–—] ")  # « Podeliha (bailleur) », « Mission locale, M. Barbotin »
_ABREGE = re.compile(r"\b(mm?|mr|mmes?|mlles?|dr|me|pr|ste?)\.", re.IGNORECASE)
_OUVRE = re.compile(r"(?:^|[.!?…:«»\"“\n])[\s\W]*$")
# Ils ne désignent rien et peuvent manquer : « Saint-Jean-sur-Mayenne », « Mme Petit ».
_OUTILS = "a au aux avec chez d dans de des du en et l la le les lez m madame mlle mme monsieur par pour pres sous sur"
SAINTS = {"st": "saint", "ste": "sainte"}
# Ce qui ouvre un nom de service sans dire lequel : « Équipe de Laval », « Mission locale », « Assistante sociale ».
_GENRES = (
    "accueil agence agglomeration aide animateur animatrice antenne assistant assistante association atelier avocat avocate "
    "bailleur bureau cabinet centre clinique college collectif comite commission communal communale communaute commune communes "
    "conseil conseiller conseillere coordinatrice curateur curatrice departement departemental departementale direction "
    "dispensaire docteur domicile ecole educateur educatrice emploi equipe ergotherapeute espace etablissement familial familiale foyer "
    "gestionnaire groupe habitat hebergement hopital hospitalier infirmier infirmiere insertion intercommunal juriste kinesitherapeute "
    "local locale logement lycee maire mairie maison mandataire medecin metropole mission municipal office orthophoniste osteopathe "
    "permanence plateforme podologue point pole prefecture prevention professionnel psychologue public referent referente regie regional "
    "relais reseau residence sante secours secteur service services social sociale sociales sociaux solidarite solidarites "
    "specialise specialisee syndicat travailleur travailleuse tuteur tutrice"
)
_SIGLES = (
    "ADIL AFPA ANEF ARS ASE CADA CAF CARSAT CCAPEX CCAS CDAD CESF CHRS CHU CIAS CIDFF CLIC CLSM CMP CMS CPAM CROUS DALO DDETS "
    "EHPAD EMPP EPCI ESAT FJT FSL GEM HLM HUDA IAE MDA MDPH MECS MFS MJPM MSA OFII PASS PJJ PLIE PMI RSA SAMSAH SAMU SAVS SIAO "
    "SPIP TISF UDAF UTAMS"
)
OUTILS, GENRES, SIGLES = (frozenset(liste.split()) for liste in (_OUTILS, _GENRES, _SIGLES))
# Le décompte écarte les noms propres, et ceux-ci avec : on les dit sans dire où l'on vit.
COURANTS_AUSSI = {"alpes", "atlantique", "atlantiques", "orientales"}
# Ce qu'il faut pour qu'un mot désigne : rien, sa majuscule, ou sa majuscule hors d'un début de phrase.
PARTOUT, A_MAJUSCULE, AU_MILIEU = range(3)


@dataclass(frozen=True)
class Nom:
    """Un mot, ou des mots à la suite, et ce qu'il faut pour qu'ils désignent."""

    mots: tuple
    faut: int


@dataclass(frozen=True)
class MotLu:
    """Un mot d'un texte : tel quel, sa clé, comment il s'écrit là (PARTOUT : sans majuscule), ce qui le sépare du précédent."""

    ecrit: str
    cle: str
    place: int
    avant: str


@cache
def francais():
    """Les mots français, sans accents : tous, et ceux qui sont courants."""
    with gzip.open(MOTS_FRANCAIS, "rt", encoding="utf-8") as lu:
        fois = json.load(lu)
    courants = {_cle(mot) for mot, combien in fois.items() if combien >= COURANT}
    return frozenset(map(_cle, fois)) | GENRES, frozenset(courants | COURANTS_AUSSI | GENRES)


def _cle(mot):
    """Le mot sans accents ni casse ; tel quel dans une écriture sans équivalent latin."""
    plat = mot.lower() if mot.isascii() else cle_de_recherche(mot) or mot.casefold()
    return SAINTS.get(plat, plat)


def de_personne(nom):
    """Un nom de personne : même courant, un de ses mots désigne dès qu'il porte sa majuscule."""
    return {Nom(n.mots, min(n.faut, A_MAJUSCULE)) if len(n.mots[0]) > 2 else n for n in de_lieu(nom)}


def de_lieu(nom):
    """Le nom d'une commune ou d'un département, écrit ou non avec ses majuscules."""
    return _noms(_pleins(nom or ""), lambda mot: True)


def de_service(nom):
    """Le nom d'un service, d'une équipe, d'un territoire, moins ce qui n'en dit que le genre et ce qu'il écrit en mots communs."""
    trouves = set()
    for part in _PARTS.split(nom or ""):
        mots = [mot for mot in _pleins(part) if mot not in SIGLES]
        while mots and _cle(mots[0]) in GENRES:
            mots = mots[1:]
        trouves |= _noms(mots, lambda mot: mot[0].isupper() or _cle(mot) not in francais()[0])
    return trouves


def _pleins(nom):
    """Les mots d'un nom, sans les mots-outils, les initiales ni les nombres."""
    mots = _MOT.findall(unicodedata.normalize("NFC", nom))
    return [mot for mot in mots if len(mot) > 1 and not mot.isdigit() and _cle(mot) not in OUTILS]


def _noms(mots, propre):
    """Ce nom entier et chacun de ses mots que `propre(mot)` retient ; le mot d'un saint ne va qu'avec lui (« mon fils Jean »)."""
    cles, trouves = [_cle(mot) for mot in mots], set()
    for rang, (mot, cle) in enumerate(zip(mots, cles, strict=True)):
        if cle in SAINTS.values() or not propre(mot):
            continue
        if rang and cles[rang - 1] in SAINTS.values():
            trouves.add(Nom((cles[rang - 1], cle), PARTOUT))
        else:
            trouves.add(Nom((cle,), AU_MILIEU if cle in francais()[1] else PARTOUT))
    return trouves | {Nom(tuple(cles), PARTOUT)} if len(trouves) > 1 else trouves


def cite(texte, noms):
    """Vrai si ce texte porte un de ces noms."""
    suite = [(lu.cle, lu.place) for lu in lire(texte) if lu.cle not in OUTILS]
    dits = {}
    for rang in range(len(suite)):
        for long in {len(nom.mots) for nom in noms}:
            mots, ecrits = zip(*suite[rang : rang + long], strict=True)
            dits[mots] = max(min(ecrits), dits.get(mots, PARTOUT))
    return any(dits.get(nom.mots, -1) >= nom.faut for nom in noms)


def lire(texte):
    """Les mots de ce texte (MotLu), dans l'ordre."""
    texte, lus, fin = (
        _ABREGE.sub(r"\1 ", unicodedata.normalize("NFC", texte)),
        [],
        0,
    )  # « M. Petit » n'ouvre pas une phrase
    for lu in _MOT.finditer(texte):
        lus.append(MotLu(lu.group(0), _cle(lu.group(0)), _ecrit(texte, lu), texte[fin : lu.start()]))
        fin = lu.end()
    return lus


def _ecrit(texte, lu):
    """Comment ce mot s'écrit là : sans majuscule, avec, ou avec et au milieu d'une phrase."""
    if not lu.group(0)[0].isupper():
        return PARTOUT
    return A_MAJUSCULE if _OUVRE.search(texte[: lu.start()]) else AU_MILIEU


# -- ce que la base connaît autour d'un parcours


def lieux(parcours):
    """Sa commune, son département, son intercommunalité."""
    personne = parcours.personne
    noms = de_lieu(personne.commune)
    code = code_de_departement(personne.code_postal)
    for libelle in Departement.objects.filter(code=code).values_list("libelle", flat=True) if code else ():
        noms |= de_lieu(libelle)
    epci = Epci.objects.filter(codes_postaux__contains=[personne.code_postal])
    for libelle in epci.values_list("libelle", flat=True):
        noms |= de_service(libelle)
    return noms


def proches(parcours):
    """Son entourage."""
    return set().union(*map(de_personne, parcours.entourage.values_list("nom", flat=True)))


def professionnels(parcours):
    """Qui a un rôle sur son parcours."""
    noms = parcours.attributions.values_list("user__prenom", "user__nom")
    return set().union(*(de_personne(" ".join(entier)) for entier in noms))


def association():
    """L'association et ses équipes, toutes : leurs noms et leurs territoires."""
    dits = Equipe.objects.values_list("nom", "association", "territoire")
    return set().union(*map(de_service, [Reglages.actuels().nom, *chain.from_iterable(dits)]))


def partenaires(parcours):
    """Les services et partenaires de son parcours : nommés dans le dossier, ou portant ici un levier mobilisé pour elle."""
    actions = Action.objects.filter(intervention__parcours=parcours)
    risques = Risque.objects.filter(sortie__parcours=parcours)
    dits = [
        parcours.orienteur,
        *parcours.accords.exclude(partenaire="").values_list("partenaire", flat=True),
        *actions.exclude(ns4_relais="").values_list("ns4_relais", flat=True),
        *risques.exclude(relais="").values_list("relais", flat=True),
    ]
    for lieu, avec in parcours.rendez_vous.values_list("lieu", "avec"):
        dits += [lieu, avec]
    noms = set().union(*map(de_service, dits))
    ici = Structure.objects.filter(leviers__in=actions.values("levier"))
    code = code_de_departement(parcours.personne.code_postal)
    for nom, commune in ici.filter(departement__code=code).values_list("nom", "commune") if code else ():
        noms |= de_service(nom) | de_lieu(commune)
    return noms
