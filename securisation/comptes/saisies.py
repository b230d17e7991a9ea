"""Une session finie pendant une saisie : ce qui a été envoyé revient à l'écran, à recopier ; rien ne s'en écrit au serveur."""

import re

from django.apps import apps
from django.http import HttpResponse
from django.shortcuts import render

from securisation.socle.refus import page_precedente

PAGE = "comptes/session_finie.html"
FORMULAIRES = ("application/x-www-form-urlencoded", "multipart/form-data")
# La plomberie d'un formulaire : personne ne l'a tapée.
PLOMBERIE = re.compile(r"csrfmiddlewaretoken|jeton|version|next|.*_FORMS", re.ASCII)
SECRET = re.compile(r"passw|mot_de_passe|(^|_)secret(_|$)|token|credential|^code$", re.IGNORECASE)
LARGE = 60  # caractères : au-delà, un texte s'affiche sur plusieurs lignes


def est_une_saisie(request, vue):
    """Vrai pour l'envoi ordinaire d'un formulaire réservé aux comptes, par quelqu'un qui n'est plus connecté (pas celui de htmx)."""
    reserve = getattr(vue, "login_required", True)
    envoye = request.method == "POST" and request.content_type in FORMULAIRES and "HX-Request" not in request.headers
    return envoye and reserve and not request.user.is_authenticated


def rendre(request) -> HttpResponse:
    """La page qui rend chaque texte envoyé (403) ; elle n'enregistre rien et ne se garde nulle part."""
    contexte = lire(request.POST, request.FILES) | {"page": page_precedente(request) or request.get_full_path()}
    reponse = render(request, PAGE, contexte, status=403)
    reponse["Cache-Control"] = "no-store, private"
    return reponse


def lire(envoi, fichiers) -> dict:
    """{textes: [{libelle, valeur, lignes}], secrets: vrai si un mot de passe est tu, fichiers: [noms]} d'un envoi (QueryDict)."""
    textes, secrets, modeles = [], False, _modeles({nom.rpartition("-")[2] for nom in envoi})
    for nom, valeurs in envoi.lists():
        court, remplies = nom.rpartition("-")[2], [valeur for valeur in valeurs if valeur.strip()]
        if PLOMBERIE.fullmatch(court) or not remplies:
            continue
        if SECRET.search(nom):
            secrets = True
            continue
        textes += [_texte(court, valeur, modeles) for valeur in remplies]
    return {"textes": textes, "secrets": secrets, "fichiers": [f.name for f in fichiers.values() if f.name]}


def _modeles(noms):
    """Les modèles, d'abord celui qui porte le plus de ces champs : c'est de lui que le formulaire parle."""
    return sorted(apps.get_models(), key=lambda modele: -len(noms & {c.name for c in modele._meta.concrete_fields}))


def _texte(nom, valeur, modeles):
    """Un texte envoyé, sous le nom et dans les mots des écrans : ceux d'un champ de modèle qui porte ce nom, de préférence ce choix."""
    champs = [c for modele in modeles for c in modele._meta.concrete_fields if c.name == nom]
    champs.sort(key=lambda champ: valeur not in dict(champ.flatchoices))
    libelle = next((str(c.verbose_name) for c in champs if str(c.verbose_name) != nom), nom).replace("_", " ").strip()
    lue = str(dict(champs[0].flatchoices).get(valeur, valeur)) if champs else valeur
    return {"libelle": libelle[:1].upper() + libelle[1:] or "Texte", "valeur": lue, "lignes": _lignes(lue)}


def _lignes(valeur):
    """Hauteur du champ (lignes) ; 0 : un texte d'une ligne."""
    if "\n" not in valeur and len(valeur) <= LARGE:
        return 0
    return min(14, 1 + sum(1 + len(ligne) // LARGE for ligne in valeur.splitlines()))
