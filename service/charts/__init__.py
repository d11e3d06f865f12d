"""Charts, each declared once in Python: as Vega-Lite, or rendered as SVG or PNG.

Only the renderer processes (`service.charts.__main__`) import Altair and vl-convert, never the API.
"""

from service.charts.renderer import ChartRenderer
from service.charts.request import FORMS, Chart, ChartRequest, Form, Look, Theme
from service.messages import Language

__all__ = ["FORMS", "Chart", "ChartRenderer", "ChartRequest", "Form", "Language", "Look", "Theme"]
