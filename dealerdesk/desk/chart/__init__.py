"""The one chart kit: lines over time with two axes, and signed bars; crosshair, zoom, follow and export."""

from dealerdesk.desk.chart.bar_chart import BarChart
from dealerdesk.desk.chart.series import Bar, Series
from dealerdesk.desk.chart.time_chart import TimeChart

__all__ = ["Bar", "BarChart", "Series", "TimeChart"]
