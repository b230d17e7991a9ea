"""Ce que le banc ajoute au site qu'il mesure : une vue vide, une vue écrite sans soin, et le compte des requêtes SQL."""

import time

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q
from django.http import HttpResponse
from django.template import engines
from django.urls import path

from securisation.parcours.models import Attribution, Parcours
from securisation.socle.acces import acces_connecte
from securisation.urls import urlpatterns as du_projet

SIMPLE = """{% extends "base.html" %}{% block content %}<table>{% for p in page %}<tr>
<td><a href="{{ p.get_absolute_url }}">{{ p.personne }}</a></td><td>{{ p.personne.prenom }} {{ p.personne.nom }}</td>
<td>{{ p.numero }}</td><td>{{ p.get_etat_display }}</td>
<td>{{ p.echeance }}</td><td>{{ p.intervention.terme }}</td><td>{{ p.intervention.demarre_le }}</td>
<td>{{ p.equipe }}</td><td>{{ p.origine }}</td><td>{{ p.recue_le }}</td>
<td>{% for d in p.diagnostics.all %}{% for e in d.evaluations.all %}{{ e.criticite }} {% endfor %}{% endfor %}</td>
<td>{{ p.accords.all|length }}</td></tr>{% endfor %}</table>{{ page.paginator.count }}{% endblock %}"""


@acces_connecte
def vide(request):
    """La référence : session, compte et intergiciels, rien d'autre."""
    return HttpResponse(b"")


@acces_connecte
def simple(request):
    """La même liste écrite comme un tutoriel de Django : droits par sous-requête et par OU, compte exact, instances, gabarit."""
    roles = Attribution.objects.filter(user=request.user).values("content_object")
    visibles = Parcours.objects.filter(
        Q(pk__in=roles) | Q(equipe__in=request.user.equipes_supervisees, restreint=False)
    ).exclude(etat__in=Parcours.FIGES)
    visibles = visibles.select_related("personne", "intervention", "equipe", "origine")
    visibles = visibles.prefetch_related("diagnostics__evaluations", "accords").order_by("echeance", "pk")
    page = Paginator(visibles, 50).get_page(request.GET.get("page"))
    return HttpResponse(engines["django"].from_string(SIMPLE).render({"page": page}, request))


class Compteur:
    """Quand la requête le demande (X-Banc), compte le processeur et les requêtes SQL, et fait publier les blocs touchés."""

    def __init__(self, suite):
        self.suite = suite

    def __call__(self, request):
        """Rend la réponse, avec X-Banc-Sql et X-Banc-Cpu si on les a demandés."""
        if "X-Banc" not in request.headers:
            return self.suite(request)
        vues = []

        def noter(executer, sql, params, many, contexte):
            vues.append(sql)
            return executer(sql, params, many, contexte)

        debut = time.process_time()
        with connection.execute_wrapper(noter):
            reponse = self.suite(request)
        reponse["X-Banc-Cpu"] = f"{1000 * (time.process_time() - debut):.3f}"
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_stat_force_next_flush()")
        reponse["X-Banc-Sql"] = str(len(vues))
        return reponse


urlpatterns = [path("banc/vide/", vide), path("banc/simple/", simple), *du_projet]
