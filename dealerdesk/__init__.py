"""DealerDesk: the workstation from which a CFD broker's own people run the business live."""

__version__ = "0.1.0"
