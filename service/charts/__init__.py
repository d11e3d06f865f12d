"""Charts, each declared once, in Python: as Vega-Lite for whoever draws it, or drawn here as SVG or PNG.

Altair and vl-convert are imported by processes of their own (`service.charts.__main__`), never by who asks.
"""

from service.charts.order import FORMS, Chart, Form, Language, Look, Order, Theme
from service.charts.studio import Studio

__all__ = ["FORMS", "Chart", "Form", "Language", "Look", "Order", "Studio", "Theme"]
