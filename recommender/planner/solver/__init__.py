"""One option for each service, so that their worth is greatest and their watts stay under the caps.

A multiple-choice knapsack: water-filling on concave hulls with a proven bound (``greedy``), moves and
exchanges (``polish``), and a mixed-integer program (``exact``). Pure: arrays in, choices out.
"""

from recommender.planner.solver.problem import Choice, Problem, Solution
from recommender.planner.solver.solve import solve

__all__ = ["Choice", "Problem", "Solution", "solve"]
