"""Other people's rules over the same labeled records: what each set finds, what it raises for nothing, its cost."""

from .compare import Outcome, compare
from .contenders import Contender, Ours, Spl, UnreadableRules
from .worker import Panther, sigma

__all__ = ["Contender", "Ours", "Outcome", "Panther", "Spl", "UnreadableRules", "compare", "sigma"]
