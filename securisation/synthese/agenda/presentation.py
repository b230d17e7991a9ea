"""De l'agenda lu à ce que la page écrit : les jours, ce qu'ils portent, les absences et ce que l'on remplace."""

from django.urls import reverse

from securisation.comptes.absences import de_l_equipe
from securisation.comptes.models import Professionnel
from securisation.parcours.models import RendezVous
from securisation.parcours.rendez_vous import presentation as rendez_vous
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_breve, date_longue, date_moyenne, heure
from securisation.synthese.agenda.filtres import EQUIPE, LISTE, SEMAINE, UN_JOUR
from securisation.synthese.agenda.lecture import lire
from securisation.synthese.gestes import lier

PAR_JOUR = 12  # dans la semaine ; la liste dit le reste
TAILLE = 200  # par page de la liste
REMPLACES = 50
ICONES = rendez_vous.ICONES | {"echeance": "clock"}
MOTS = {"echeance": "Échéance"} | dict(RendezVous.Genre.choices)
SUITES = {"tenu": "Tenu", "manque": "Manqué"}


def contexte(par, filtres):
    """Contexte de la page : trois requêtes pour l'agenda, les absences et les noms, une de plus pour qui remplace."""
    absences = de_l_equipe(par, filtres.lu_du, filtres.avant - UN_JOUR)
    elements, suite = _lire_la_page(par, filtres)
    remplaces, coupe = _remplaces(par, filtres, absences)
    noms = _noms(elements, remplaces) | ({par.pk: "vous"} if filtres.de == EQUIPE else {par.pk: ""})
    jour = horloge.aujourd_hui()
    montres = [_montrer(e, noms, jour) for e in elements]
    periode = [montre for montre in montres if montre["e"].jour >= filtres.du]
    return {
        "filtres": filtres,
        "segments": filtres.segments(),
        "jours": _jours(filtres, periode, absences, par),
        "week_end": montres[: len(montres) - len(periode)],
        "vide": not periode,
        "titre": _titre(filtres),
        "avant": filtres.decale(-1),
        "apres": filtres.decale(1),
        "aujourd_hui": "" if filtres.du <= jour < filtres.avant else filtres.adresse(jour=jour),
        "suivants": filtres.adresse(apres=suite) if suite else "",
        "mes_absences": [a for a in absences if a.compte_id == par.pk],
        "absents": [a for a in absences if a.compte_id != par.pk],
        "je_remplace": [_part(a, remplaces, coupe, noms, jour) for a in absences if a.remplacant_id == par.pk],
    }


def _lire_la_page(par, filtres):
    """Les éléments montrés, et le curseur de ce qui suit ou None."""
    options = {"du": filtres.lu_du, "avant": filtres.avant, "genres": filtres.genres}
    options["qui"] = None if filtres.de == EQUIPE else [par.pk]
    if filtres.vue == SEMAINE:
        return lire(par, **options, par_jour=PAR_JOUR), None
    lus = lire(par, **options, apres=filtres.apres, limite=TAILLE + 1)
    suite = (lus[TAILLE - 1].moment, lus[TAILLE - 1].cle) if len(lus) > TAILLE else None
    return lus[:TAILLE], suite


def _remplaces(par, filtres, absences):
    """(Ce que l'on remplace, parmi ce que l'on voit déjà, vrai s'il y en a d'autres) : une seule requête, ou aucune."""
    miennes = [a for a in absences if a.remplacant_id == par.pk]
    if not miennes:
        return [], False
    bornes, limite = {"du": filtres.lu_du, "avant": filtres.avant}, REMPLACES * len(miennes)
    lus = lire(par, **bornes, genres=filtres.genres, absences=miennes, limite=limite + 1)
    return lus[:limite], len(lus) > limite


def _part(absence, remplaces, coupe, noms, jour):
    """« Je remplace » : un absent, ce qui tombe pendant son absence, et s'il y en a de plus."""
    siens = [e for e in remplaces if absence.compte_id in e.professionnels and absence.couvre(e.jour)]
    return {
        "absence": absence,
        "elements": [_montrer(e, noms, jour) for e in siens[:REMPLACES]],
        "de_plus": len(siens) > REMPLACES or (coupe and absence.au >= remplaces[-1].jour),
    }


def _noms(elements, remplaces):
    """{clé: nom} des professionnels que la page nomme."""
    comptes = Professionnel.objects.filter(pk__in={c for e in (*elements, *remplaces) for c in e.professionnels})
    return {compte.pk: compte.nom_complet for compte in comptes}


def _montrer(element, noms, jour):
    """Un élément, prêt à écrire : l'heure, le genre en mots, le lien."""
    e, attendus = element, [noms.get(cle, "") for cle in element.professionnels]
    a_noter = e.etat == "prevu" and e.moment <= horloge.maintenant()
    return {
        "e": e,
        "icone": ICONES[e.genre],
        "quand": "" if e.est_echeance else heure(e.moment),
        "a": "" if e.est_echeance else heure(e.fin),
        "mot": e.texte if e.est_echeance else MOTS[e.genre],
        "lieu": e.lieu,
        "qui": ", ".join(filter(None, attendus[:1] if e.est_echeance else [*attendus, e.texte])),
        "suite": "À noter" if a_noter else SUITES.get(e.etat, ""),
        "retard": (e.est_echeance and e.jour < jour) or a_noter,
        "url": _adresse(e),
    }


def _adresse(e):
    if e.est_echeance:
        return lier([{"cles": e.cles, "date": e.jour}])[0]["url"]
    return reverse("parcours:un_rendez_vous", args=[e.uuid])


def _jours(filtres, elements, absences, par):
    """Un jour par case : tous ceux de la semaine (sans un week-end vide), ou ceux qui portent quelque chose."""
    par_jour = {}
    for montre in elements:
        par_jour.setdefault(montre["e"].jour, []).append(montre)
    jours = [filtres.du + UN_JOUR * rang for rang in range(filtres.pas)]
    if filtres.vue == LISTE:
        jours = [jour for jour in jours if jour in par_jour]
    elif not any(jour in par_jour for jour in jours[5:]):
        jours = jours[:5]
    return [_jour(jour, par_jour.get(jour, []), filtres, absences, par) for jour in jours]


def _jour(jour, elements, filtres, absences, par):
    reste = elements[0]["e"].du_jour - len(elements) if elements and filtres.vue == SEMAINE else 0
    nom = date_longue(jour).capitalize()
    return {
        "date": jour,
        "nom": nom.rsplit(" ", 1)[0] if filtres.vue == SEMAINE else nom,  # le titre de la semaine dit déjà l'année
        "ici": jour == horloge.aujourd_hui(),
        "prevoir": jour >= horloge.aujourd_hui(),
        "elements": elements,
        "reste": reste,
        "tout_voir": filtres.adresse(vue=LISTE, jour=jour) if reste else "",
        "absent": any(a.compte_id == par.pk and a.couvre(jour) for a in absences),
    }


def _titre(filtres):
    """« Semaine 53, du 28 décembre au 3 janvier 2027 », ou « Du … au … »."""
    fin = filtres.avant - UN_JOUR
    bornes = f"du {date_breve(filtres.du)} au {date_moyenne(fin)}"
    return f"Semaine {filtres.du.isocalendar().week}, {bornes}" if filtres.vue == SEMAINE else bornes.capitalize()
