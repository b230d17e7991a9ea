"""La piste d'audit : qui a fait, vu ou s'est vu refuser quoi, tout le journal que l'on a à surveiller, par le temps.

Une superviseure lit les chaînes des parcours qu'elle voit, les ouvertures motivées des parcours de ses équipes et les actes de leurs
membres ; le délégué à la protection des données lit tout, sans nom de personne ni contenu. Rien n'y compte ni ne classe le personnel.
"""
