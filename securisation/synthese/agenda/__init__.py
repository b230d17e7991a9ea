"""L’agenda : rendez-vous, visites, concertations et échéances de ce que l’on voit, sur une semaine ou un mois, et en flux."""
