"""Balises et filtres de la charte : icônes, niveaux, temps, textes français, champs de formulaire.

Aucun style en ligne : tout passe par des classes d'app.css ou des attributs SVG.
"""

from datetime import date, datetime
from functools import cache

from django import forms, template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

register = template.Library()

INSECABLE = "\u00a0"
JOURS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
MOIS_COURTS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
LETTRES = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
AVATARS = ("", "avatar--sand", "avatar--soft")
NIVEAU_MAXI = 4


# ---------------------------------------------------------------- images


@register.simple_tag
@cache
def icone(nom, classes=""):
    """Icône décorative du fichier icons.svg ; le sens est toujours porté par un texte voisin. Écrite une seule fois."""
    return format_html(
        '<svg class="i {}" aria-hidden="true" focusable="false"><use href="{}#i-{}"/></svg>',
        classes,
        static("icons.svg"),
        nom,
    )


@register.simple_tag
def niveau(valeur, libelle="", classes=""):
    """Niveau de 0 à 4 : quatre carrés, remplis du nombre dit, et le libellé s'il est donné (sinon à écrire à côté)."""
    if valeur in (None, ""):
        return format_html('<span class="muted {}">{}</span>', classes, libelle or "Non coté")
    valeur = min(max(int(valeur), 0), NIVEAU_MAXI)
    carres = format_html_join("", '<rect x="{}" width="10" height="10" rx="3"/>', ((12 * i,) for i in range(4)))
    dessin = format_html('<svg width="46" height="10" aria-hidden="true" focusable="false">{}</svg>', carres)
    texte = format_html("<span>{}{}· {}</span>", valeur, INSECABLE, libelle) if libelle else ""
    return format_html('<span class="lvl lvl-{} {}">{}{}</span>', valeur, classes, dessin, texte)


@register.simple_tag
def barre_temps(pourcent, ton=""):
    """Barre fine de 0 à 100 ; `ton` vaut "", "soon" ou "late". Décorative : les jours restants sont écrits à côté."""
    part = min(max(round(float(pourcent or 0)), 0), 100)
    return format_html(
        '<svg class="bar {}" width="100%" height="8" aria-hidden="true" focusable="false">'
        '<rect class="bar__bg" width="100%" height="8" rx="4"/>'
        '<rect class="bar__fg" width="{}%" height="8" rx="4"/></svg>',
        f"bar--{ton}" if ton else "",
        part,
    )


@register.filter
def rang(suite, numero):
    """L'élément de ce rang d'une suite, compté de zéro ; vide s'il manque."""
    return suite[numero] if numero < len(suite) else ""


@register.filter
def pourcent_ecoule(debut, fin):
    """Part écoulée aujourd'hui entre deux dates, de 0 à 100 ; sert à `barre_temps`."""
    total = max((fin - debut).days, 1)
    return min(max(round(100 * (_aujourd_hui() - debut).days / total), 0), 100)


@register.filter
def ton_echeance(jour, seuil=14):
    """« late » quand le jour est passé, « soon » à `seuil` jours ou moins, sinon rien."""
    if not jour:
        return ""
    ecart = (_jour(jour) - _aujourd_hui()).days
    return "late" if ecart < 0 else "soon" if ecart <= int(seuil) else ""


# ---------------------------------------------------------------- dates


def _aujourd_hui():
    from securisation.socle.horloge import aujourd_hui

    return aujourd_hui()


def _jour(valeur):
    """Le jour d'une date ou d'un moment, à l'heure de l'application."""
    if isinstance(valeur, datetime):
        return (timezone.localtime(valeur) if timezone.is_aware(valeur) else valeur).date()
    return valeur


def _quantieme(jour):
    return "1er" if jour.day == 1 else str(jour.day)


@register.filter
def date_longue(valeur):
    """« lundi 23 novembre 2026 »."""
    if not (jour := _jour(valeur)):
        return ""
    return f"{JOURS[jour.weekday()]} {date_moyenne(jour)}"


@register.filter
def date_moyenne(valeur):
    """« 23 novembre 2026 », jour et mois soudés."""
    if not (jour := _jour(valeur)):
        return ""
    return f"{_quantieme(jour)}{INSECABLE}{MOIS[jour.month - 1]} {jour.year}"


@register.filter
def date_breve(valeur):
    """« 23 novembre », avec l'année quand ce n'est pas celle d'aujourd'hui."""
    if not (jour := _jour(valeur)):
        return ""
    texte = f"{_quantieme(jour)}{INSECABLE}{MOIS[jour.month - 1]}"
    return texte if jour.year == _aujourd_hui().year else f"{texte} {jour.year}"


@register.filter
def date_courte(valeur):
    """« 23 nov. », pour les tableaux et les graphiques."""
    return f"{_quantieme(jour)}{INSECABLE}{MOIS_COURTS[jour.month - 1]}" if (jour := _jour(valeur)) else ""


@register.filter
def heure(valeur):
    """« 10 h 42 », ou « 14 h » à l'heure juste."""
    if not valeur:
        return ""
    if isinstance(valeur, datetime) and timezone.is_aware(valeur):
        valeur = timezone.localtime(valeur)
    minutes = f"{INSECABLE}{valeur.minute:02d}" if valeur.minute else ""
    return f"{valeur.hour}{INSECABLE}h{minutes}"


@register.filter
def moment(valeur):
    """« lundi 23 novembre 2026 à 10 h 42 »."""
    return f"{date_longue(valeur)} à {heure(valeur)}" if valeur else ""


@register.filter
def dans(valeur, reference: date | None = None):
    """« dans 4 jours », « aujourd'hui », « depuis 3 jours » : l'écart à aujourd'hui, ou à `reference`."""
    if not (jour := _jour(valeur)):
        return ""
    ecart = (jour - (reference or _aujourd_hui())).days
    proches = {0: "aujourd’hui", 1: "demain", -1: "depuis hier"}
    if ecart in proches:
        return proches[ecart]
    return f"{'dans' if ecart > 0 else 'depuis'} {nombre(abs(ecart))}{INSECABLE}jours"


@register.filter
def il_y_a(valeur, reference: date | None = None):
    """« il y a 3 jours », « hier », « aujourd'hui » : pour un fait passé."""
    if not (jour := _jour(valeur)):
        return ""
    ecart = ((reference or _aujourd_hui()) - jour).days
    proches = {0: "aujourd’hui", 1: "hier"}
    return proches.get(ecart) or f"il y a {nombre(ecart)}{INSECABLE}jours"


# ---------------------------------------------------------------- textes


@register.filter
def nombre(valeur):
    """« 184 213 » : milliers séparés par une espace insécable ; le reste est rendu tel quel."""
    if isinstance(valeur, bool) or not isinstance(valeur, int):
        return valeur
    return f"{valeur:,}".replace(",", INSECABLE)


@register.filter
def compte(valeur, formes):
    """`3|compte:"axe,axes"` : « 3 axes ». En français, zéro et un sont au singulier."""
    singulier, pluriel = formes.split(",")
    valeur = len(valeur) if hasattr(valeur, "__len__") else int(valeur or 0)
    return f"{nombre(valeur)}{INSECABLE}{pluriel if valeur > 1 else singulier}"


@register.filter
def oppose(valeur):
    """L'opposé d'un nombre : l'écart en moins s'écrit avec un vrai signe moins."""
    return -valeur


@register.filter
def en_lettres(valeur):
    """« trois » jusqu'à dix, en chiffres au-delà."""
    return LETTRES[valeur] if 0 <= valeur < len(LETTRES) else str(nombre(valeur))


@register.filter
def initiales(valeur):
    """Deux initiales d'un nom affiché : « Nadia Belkacem » donne NB, un code d'un seul mot donne ses deux lettres."""
    mots = [m for m in str(valeur or "").replace("-", " ").split() if m[:1].isalnum()]
    if not mots:
        return "?"
    lettres = mots[0][0] + mots[-1][0] if len(mots) > 1 else mots[0][:2]
    return lettres.upper()


@register.filter
def insecable(valeur):
    """Tient le texte sur une ligne : toutes les espaces deviennent insécables."""
    return str(valeur if valeur is not None else "").replace(" ", INSECABLE)


@register.filter
def bref(libelle):
    """Un libellé sans sa précision : « Refus (recours possible ?) » devient « Refus »."""
    return str(libelle or "").split(" (")[0].split(" : ")[0]


@register.filter
def teinte(valeur):
    """Classe d'avatar stable pour un nom : la même personne garde sa couleur d'une page à l'autre."""
    return AVATARS[sum(map(ord, str(valeur or ""))) % len(AVATARS)]


# ---------------------------------------------------------------- droits et navigation


@register.filter
def a_fonction(professionnel, code):
    """Vrai si la personne connectée exerce cette fonction ; faux pour un visiteur."""
    exerce = getattr(professionnel, "a_fonction", None)
    return bool(exerce and exerce(code))


@register.inclusion_tag("composants/lien_nav.html", takes_context=True)
def lien_nav(context, nom, icone, libelle, **options):
    """Entrée de navigation ; rien quand la route `nom` n'existe pas. Options : voir le gabarit."""
    try:
        adresse = reverse(nom)
    except NoReverseMatch:
        return {"adresse": ""}
    vue = getattr(getattr(context.get("request"), "resolver_match", None), "view_name", "") or ""
    ici = "page" if vue == nom else ""
    if (
        not ici
        and vue not in options.get("sauf", "").split()
        and (vue.split(":")[0] in options.get("espaces", "").split() or vue in options.get("sous", "").split())
    ):
        ici = "true"
    return {"adresse": adresse, "icone": icone, "libelle": libelle, "ici": ici, **options}


# ---------------------------------------------------------------- formulaires


SANS_REPLI = 6  # choix qui se lisent d'un coup d'œil, même au téléphone


def _options(champ):
    """Les choix d'un champ à boutons, prêts à dessiner."""
    return [
        {
            "id": choix.id_for_label,
            "nom": choix.data["name"],
            "valeur": choix.data["value"],
            "libelle": choix.data["label"],
            "genre": choix.data["type"],
            "coche": choix.data["selected"],
            "desactive": bool(choix.data["attrs"].get("disabled")),
        }
        for choix in champ.subwidgets
    ]


def _controle(champ, classe, **attributs):
    """Le champ rendu par Django avec la classe de la charte et l'état d'erreur."""
    classes = [champ.field.widget.attrs.get("class", ""), classe, "is-invalid" if champ.errors else ""]
    return champ.as_widget(attrs={"class": " ".join(filter(None, classes)), **attributs})


def _preparer(champ, aide, libelle):
    """Contexte commun : textes, erreurs et identifiants reliés par aria-describedby."""
    if aide:
        champ.help_text = aide
    return {
        "champ": champ,
        "libelle": libelle or champ.label,
        "facultatif": not champ.field.required,
        "aide_id": f"{champ.auto_id}_helptext",
        "erreur_id": f"{champ.auto_id}_error",
        "decrit_par": champ.aria_describedby,
    }


@register.inclusion_tag("composants/champ.html")
def champ(champ, aide="", libelle="", **options):
    """Un champ entier : étiquette, aide, erreur, contrôle. Options : voir le gabarit."""
    contexte = _preparer(champ, aide, libelle) | options
    widget = champ.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        choix = _options(champ)
        replie = options.get("forme") == "repli" and len(choix) > SANS_REPLI
        coches = [un["libelle"] for un in choix if un["coche"]]
        return contexte | {"genre": "choix", "options": choix, "coches": coches, "replie": replie}
    if isinstance(widget, forms.CheckboxInput):
        return contexte | {"genre": "case", "controle": _controle(champ, "form-check-input")}
    if champ.is_hidden:
        return contexte | {"genre": "cache", "controle": champ.as_widget()}
    if isinstance(widget, forms.Select):
        return contexte | {"genre": "saisie", "controle": _controle(champ, "form-select")}
    supplement = {}
    if isinstance(champ.field, forms.DateField) and widget.input_type == "text":
        supplement = {"inputmode": "numeric", "autocomplete": "off"}
        contexte["court"] = True
    elif isinstance(champ.field, forms.TimeField):
        contexte["court"] = True
    return contexte | {"genre": "saisie", "controle": _controle(champ, "form-control", **supplement)}


def _lire(element, cle):
    """La valeur d'un dictionnaire ou d'un objet, indifféremment."""
    return element.get(cle, "") if isinstance(element, dict) else getattr(element, cle, "")


@register.inclusion_tag("composants/cartes_niveau.html")
def cartes_niveau(champ, niveaux, aide="", libelle=""):
    """Cinq cartes radio, une par niveau. `niveaux` : voir le gabarit."""
    details = {
        str(_lire(n, "valeur")): {cle: _lire(n, cle) for cle in ("libelle", "ancrage", "delai")} for n in niveaux
    }
    cartes = [option | details.get(str(option["valeur"]), {"ancrage": "", "delai": ""}) for option in _options(champ)]
    return _preparer(champ, aide, libelle) | {"cartes": [c for c in cartes if c["valeur"] not in ("", None)]}


def _ancre(champ):
    """Identifiant du premier contrôle à atteindre depuis le résumé d'erreurs."""
    choix = isinstance(champ.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"{champ.auto_id}_0" if choix else champ.id_for_label or champ.auto_id


def _erreurs(formulaire):
    """Erreurs d'un formulaire ou d'un ensemble de formulaires, dans l'ordre de la page."""
    if hasattr(formulaire, "management_form"):
        yield from ({"texte": t, "ancre": ""} for t in formulaire.non_form_errors())
        for membre in formulaire:
            yield from _erreurs(membre)
        return
    yield from ({"texte": t, "ancre": ""} for t in formulaire.non_field_errors())
    for champ in formulaire:
        for texte in champ.errors:
            libelle = str(champ.label)
            liaison = " " if libelle.endswith("?") else f"{INSECABLE}: "
            entete = "" if champ.is_hidden else f"{libelle}{liaison}"
            yield {"texte": f"{entete}{texte}", "ancre": "" if champ.is_hidden else _ancre(champ)}


@register.inclusion_tag("composants/resume_erreurs.html")
def resume_erreurs(*formulaires, autres=()):
    """Résumé en tête de page des erreurs de tous les formulaires ; rien quand il n'y en a pas."""
    erreurs = [{"texte": texte, "ancre": ""} for texte in autres]
    for formulaire in formulaires:
        if formulaire and formulaire.is_bound:
            erreurs += _erreurs(formulaire)
    return {"erreurs": erreurs}


@register.simple_tag
def titre_erreur(*formulaires):
    """« Erreur : » au début du titre de la page quand un formulaire est renvoyé."""
    return "Erreur : " if any(f and f.is_bound and not f.is_valid() for f in formulaires) else ""
