"""Les rendez-vous d’un parcours : les prévoir, les déplacer, les annuler, dire s’ils ont été tenus."""
