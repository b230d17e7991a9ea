# Deux commandes : « make demo » ouvre Jalon, « make test » le prouve. Le travail est dans outils/.
PYTHON3 ?= python3
JALON = $(PYTHON3) outils/jalon.py

.PHONY: demo test verifier services manage arret propre

demo: ; @$(JALON) demo $(PORT)
test: ; @$(JALON) test $(ARGS)
verifier: ; @$(JALON) verifier
services: ; @$(JALON) services
manage: ; @$(JALON) manage $(ARGS)
arret: ; @$(JALON) arret
propre: ; @$(JALON) propre
