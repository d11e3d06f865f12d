"""Charts, each declared once, in Python: as Vega-Lite for whoever draws it, or drawn here as SVG or PNG.

Altair and vl-convert are imported by processes of their own (`service.charts.__main__`), never by who asks.
"""

from service.charts.renderer import ChartRenderer
from service.charts.request import FORMS, Chart, ChartRequest, Form, Language, Look, Theme

__all__ = ["FORMS", "Chart", "ChartRenderer", "ChartRequest", "Form", "Language", "Look", "Theme"]
