"""One option for each service, so that their worth is greatest and their watts stay under the caps.

A multiple-choice knapsack: water-filling on concave hulls and a polish (``greedy``, ``polish``), a proven bound
(``bound``), and a mixed-integer program (``exact``). Pure: arrays in, choices out.
"""

from recommender.planner.solver.problem import Choice, Problem, Solution
from recommender.planner.solver.solve import solve

__all__ = ["Choice", "Problem", "Solution", "solve"]
