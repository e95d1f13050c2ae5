"""What name servers say of the domains that move: asked, kept apart answer by answer, and written as a bundle."""
