"""What papers give to the house: which column names their files."""

from portal.ground.declare import FileNames, Offers
from portal.papers import queries

OFFERS = Offers(file_names=[FileNames("文书", queries.named_files)])
