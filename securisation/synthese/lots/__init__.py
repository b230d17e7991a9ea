"""Un lot de documents : une responsable d'équipe les demande d'un coup ; ils se produisent un par un, sans retarder personne."""
