"""Ce que le banc fait avec Django, dans un processus à part branché sur une base du banc ; le résultat sort en JSON."""

import json
import statistics
import sys
import time

import django


def fabriquer(n):
    """Remplit la base : (lignes d'historique, maillons du journal, secondes)."""
    import os

    from outils.banc.fabrique import fabriquer as remplir

    return remplir(os.environ["DATABASE_URL"], int(n))


def chaines(nombre):
    """Vérifie les chaînes des premiers parcours, comme `verifier_journal` : (maillons, première rupture ou "")."""
    from django.db import transaction

    from securisation.socle.verification import verifier

    with transaction.atomic():
        comptes = [verifier(chaine) for chaine in range(1, int(nombre) + 1)]
    return [sum(c.maillons for c in comptes), next((c.rupture for c in comptes if c.rupture), "")]


def reperes(n):
    """Sessions ouvertes et adresses à mesurer : {sessions, parcours, cherche, milieu}."""
    from outils.banc.fabrique import professionnels
    from outils.banc.lots import LOURDS_OUVERTS
    from securisation.parcours.models import Parcours

    dossiers = Parcours.objects.filter(pk__lte=LOURDS_OUVERTS).order_by("pk")
    siens = Parcours.objects.filter(attributions__user=1, pk__gt=LOURDS_OUVERTS + 10).select_related("personne")
    siens = siens.order_by("pk")[:20]
    return {
        "sessions": {"intervenante": _session(1), "superviseure": _session(professionnels(int(n)) + 1)},
        "parcours": [str(p.uuid) for p in dossiers],
        "cherche": {
            "noms": [p.personne.nom.lower() for p in siens],
            "entiers": [f"{p.personne.nom} {p.personne.prenom}" for p in siens],
            "telephones": [p.personne.telephone for p in siens],
            "numeros": [p.numero for p in siens],
        },
        "milieu": _milieu(),
    }


def _milieu():
    """Le curseur du milieu du journal, pour la page profonde de la piste d'audit."""
    from django.db import connection

    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT (extract(epoch FROM min(quand) + (max(quand) - min(quand)) / 2) * 1000000)::bigint FROM socle_journal"
        )
        return f"{curseur.fetchone()[0]}_0_0"


def _session(cle):
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from securisation.comptes.models import Professionnel
    from securisation.comptes.sessions import SessionStore

    compte, session = Professionnel.objects.get(pk=cle), SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(compte.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = compte.get_session_auth_hash()
    session.set_expiry(6 * 3600)
    session.save()
    return session.session_key


def documents(tours):
    """Production des deux PDF, entrelacée avec WeasyPrint nu sur le même HTML : {genre: {pages, octets, nous, nu}}."""
    from django.template.loader import render_to_string

    from securisation.documents import genres
    from securisation.documents import rendu as metier

    weasyprint, _, guichet = metier._weasyprint()
    rendu = {}
    for code, instantane in _instantanes().items():
        genre = genres.genre(code)
        html = render_to_string(genre.gabarit, genre.contexte(instantane))
        feuille = metier.BASE + metier.FEUILLE
        mesures, pdf = {"nous": [], "nu": []}, None
        for tour in range(int(tours) + 1):
            debut = time.perf_counter()
            pdf = genres.produire(code, instantane)
            milieu = time.perf_counter()
            page = weasyprint.HTML(string=html, base_url=metier.BASE, url_fetcher=guichet)
            page.write_pdf(stylesheets=[weasyprint.CSS(url=feuille, url_fetcher=guichet)])
            if tour:
                mesures["nous"].append(milieu - debut)
                mesures["nu"].append(time.perf_counter() - milieu)
        rendu[code] = {"pages": pdf.pages, "octets": len(pdf.contenu), **mesures}
    return rendu


def _instantanes(parcours=None):
    from diagnostics.instantane import instantane as du_diagnostic
    from outils.banc.lots import LOURDS
    from securisation.parcours.models import Parcours
    from sorties.instantane import instantane as du_bilan

    parcours = parcours or Parcours.objects.get(pk=LOURDS)
    bloc = {
        "document": {
            "numero": "B-0",
            "edition": 1,
            "date": "2026-01-01",
            "demande_le": "2026-01-01T00:00:00+00:00",
            "remplace": None,
        }
    }
    return {
        "diagnostic": du_diagnostic(parcours.diagnostics.get()) | bloc,
        "bilan": du_bilan(parcours.sortie) | bloc,
    }  # fmt: skip


def attente(nombre):
    """Demande `nombre` documents, deux par seconde ; rend les secondes entre la demande et le fichier prêt."""
    from outils.banc.lots import LOURDS
    from securisation.comptes.models import Professionnel
    from securisation.documents.models import Document
    from securisation.parcours.models import Parcours
    from securisation.socle.trace import hors_porte

    par, parcours = Professionnel.objects.get(pk=1), Parcours.objects.get(pk=LOURDS)
    modeles = {genre: {c: v for c, v in i.items() if c != "document"} for genre, i in _instantanes(parcours).items()}
    demandes = []
    for rang in range(int(nombre)):
        debut = time.monotonic()
        genre = ("diagnostic", "bilan")[rang % 2]
        with hors_porte("banc", par=par):
            donnees = modeles[genre] | {"association": {"nom": f"Association {rang}", "equipe": "Équipe"}}
            demandes.append(Document.demander(parcours=parcours, genre=genre, donnees=donnees, par=par).pk)
        time.sleep(max(0, 0.5 - (time.monotonic() - debut)))
    fin = time.monotonic() + 60
    while time.monotonic() < fin and Document.objects.filter(pk__in=demandes, produit_le=None).exists():
        time.sleep(0.2)
    return [
        (d.produit_le - d.demande_le).total_seconds() for d in Document.objects.filter(pk__in=demandes) if d.produit_le
    ]


def ecritures(tours):
    """Un contact enregistré nu, tracé par les déclencheurs, par la porte d'écriture (blocs entrelacés) ; écritures en masse vues."""
    from django.db import connection, models, transaction

    from interventions.models import Contact
    from securisation.socle.trace import hors_porte

    temps = {"nu": [], "trace": [], "porte": []}
    contacts = list(Contact.objects.order_by("pk")[:25])
    with connection.cursor() as curseur:
        for tour in range(int(tours)):
            for genre, ordre in (("nu", "DISABLE"), ("trace", "ENABLE"), ("porte", "ENABLE")):
                curseur.execute(f"ALTER TABLE interventions_contact {ordre} TRIGGER USER")
                for rang, contact in enumerate(contacts):
                    contact.note = f"Note {genre} {tour}"
                    debut = time.perf_counter()
                    with hors_porte("banc") if genre == "porte" else transaction.atomic():
                        (Contact.save if genre == "porte" else models.Model.save)(contact)
                    if rang >= 5:
                        temps[genre].append(time.perf_counter() - debut)
        histoire, masse = "SELECT count(*) FROM interventions_historiquecontact", 2000
        curseur.execute(histoire)
        avant = curseur.fetchone()[0]
        curseur.execute(
            "UPDATE interventions_contact SET note = 'En masse.' WHERE id IN (SELECT id FROM interventions_contact LIMIT %s)",
            [masse],
        )
        touchees = curseur.rowcount
        curseur.execute(histoire)
        vues = (curseur.fetchone()[0] - avant) / max(touchees, 1)
    return {nom: statistics.median(valeurs) for nom, valeurs in temps.items()} | {"masse_vue": vues}


if __name__ == "__main__":
    django.setup()
    print("\n" + json.dumps(globals()[sys.argv[1]](sys.argv[2])))
