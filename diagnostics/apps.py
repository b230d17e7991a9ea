"""La première phase : cinq axes, les facteurs de rupture, les suites possibles."""

from django.apps import AppConfig


class DiagnosticsConfig(AppConfig):
    name = "diagnostics"
    label = "diagnostics"
    verbose_name = "Diagnostics"
