"""Models that tell what pages look like, and which pages a text asks for: ColPali, ColQwen2."""
