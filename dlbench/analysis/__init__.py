"""Layer 6: numbers from results, without a word, a figure or a file. An analysis is a value, computed once and handed on."""

from dlbench.analysis.analysis import Analysis, analyse

__all__ = ["Analysis", "analyse"]
