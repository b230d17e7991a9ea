# Deux commandes : « make demo » ouvre Jalon, « make test » le prouve. Le travail est dans outils/.
# Le Python de la distribution d'abord : compilé avec optimisations, ce que celui d'un gestionnaire de versions n'est pas toujours.
ifndef PYTHON3
PYTHON3 := $(shell /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/python3 || echo python3)
endif
JALON = $(PYTHON3) outils/jalon.py

.PHONY: demo test verifier services manage banc preuves livrables captures qualite arret propre

demo: ; @$(JALON) demo $(PORT)
test: ; @$(JALON) test $(ARGS)
verifier: ; @$(JALON) verifier
services: ; @$(JALON) services
manage: ; @$(JALON) manage $(ARGS)
banc: ; @$(JALON) banc $(or $(N),20000)
preuves: ; @$(JALON) lance outils.preuves $(ARGS)
livrables: ; @$(JALON) livrables $(ARGS)
captures: ; @$(JALON) captures $(or $(DOSSIER),.local/captures)
qualite: ; @$(JALON) qualite $(ARGS)
arret: ; @$(JALON) arret
propre: ; @$(JALON) propre

# Récrit les verrous après un changement de requirements*.in ; demande uv.
VERROUILLER = uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate
.PHONY: verrou
verrou: export UV_CUSTOM_COMPILE_COMMAND = make verrou
verrou:
	$(VERROUILLER) requirements.in -o requirements.txt
	$(VERROUILLER) requirements-dev.in -o requirements-dev.txt
