"""Les pages de la direction : les chiffres en direct et le rapport d'activité ; qui supervise n'y lit que ses équipes."""
