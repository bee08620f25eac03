"""The recommender: reads the world, decides who should get which watts, and writes only status."""
