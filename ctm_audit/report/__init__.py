"""View objects of a run, and the HTML made of them."""
